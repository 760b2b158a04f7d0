"""A CDS service as discovery describes it, in the words of the specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.value import Value


class ServiceDescription(Value, frozen=True):
    """One entry of discovery.

    Attributes:
        prefetch: Key to FHIR query template.
        required: Keys without which the service cannot answer (412).
    """

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    prefetch: Mapping[str, str]
    required: frozenset[str] = frozenset()


def discovery(services: tuple[ServiceDescription, ...]) -> dict[str, Any]:
    """The discovery answer."""
    return {"services": [_entry(service) for service in services]}


def _entry(service: ServiceDescription) -> dict[str, Any]:
    return {
        "hook": service.hook,
        "id": service.id,
        "title": service.title,
        "description": service.description,
        "usageRequirements": service.usage_requirements,
        "prefetch": dict(service.prefetch),
    }
