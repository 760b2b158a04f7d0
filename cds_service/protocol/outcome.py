"""FHIR OperationOutcome: the body of every answer that is not 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cds_service.errors import ServiceError

CODE_SYSTEM = "https://neck-pain-cds.example/CodeSystem/error"


def operation_outcome(error: ServiceError, correlation_id: str | None = None) -> dict[str, Any]:
    """The outcome of an error: one issue for each thing it names, or a single one.

    Args:
        error: Only its constants and its names of our own vocabulary are used.
        correlation_id: Of our log line, for failures of ours.
    """
    texts = [f"{error.public_message}: {name}" for name in error.names] or [error.public_message]
    if correlation_id:
        texts = [f"{text} Reference: {correlation_id}" for text in texts]
    return {"resourceType": "OperationOutcome", "issue": [_issue(error, text) for text in texts]}


def _issue(error: ServiceError, text: str) -> dict[str, Any]:
    return {
        "severity": "error",
        "code": error.issue_type,
        "details": {"coding": [{"system": CODE_SYSTEM, "code": error.code}]},
        "diagnostics": text,
    }
