"""A whole case from resources of the patient p1, who has neck pain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cds_service.clinical_data import ClinicalData, DataState, KeyData
from cds_service.fhir_mapping.case import build_case
from tests.mapping import SCT, coded, context, resource

if TYPE_CHECKING:
    from cds_service.pathway.case import NeckPainCase


NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
NECK = {"code": coded(SCT, "81680005", "Neck pain (finding)"), "onsetDateTime": "2026-06-05"}
ME = {"reference": "Patient/p1"}


def built(
    user: str = "Practitioner/d", keys: dict[str, KeyData] | None = None, **found: list[Any]
) -> NeckPainCase:
    """The case of what was found under each key, all of it there; ``keys`` says of some how they came."""
    data = {key: KeyData(DataState.OK, tuple(resources)) for key, resources in found.items()} | (keys or {})
    known = context()
    return build_case(ClinicalData("p1", "e1", user, data), known.terminology, known.units, NOW)


def pain(**members: Any) -> Any:
    """Neck pain for ten days, as a decoded Condition."""
    return resource("Condition", **({"id": "neck", "subject": ME} | NECK | members))
