"""Weeks of gestation from ICD-10-CM codes."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping import condition, encounter
from cds_service.fhir_mapping.gestation import gestations
from cds_service.fhir_mapping.readable import Readable
from tests.mapping import coded, context, resource

ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def weeks(written: str = "Z3A.24", **members: Any) -> list[tuple[float | None, str]]:
    """Days and date of what a diagnosis of such a code brings, beside one without code."""
    entry = resource(
        "Condition", **({"id": "w", "recordedDate": "2026-06-01", "code": coded(ICD, written)} | members)
    )
    said = condition.statement(entry, context())
    found = Readable({"conditions": (entry, resource("Condition", id="bare"))})
    return [
        (m.value, m.taken.on.isoformat() if m.taken else "")
        for m in gestations(found, [said] if said else [])
    ]


@pytest.mark.parametrize(
    ("code", "days"),
    [("Z3A.08", 56), ("Z3A.24", 168), ("Z3A24", 168), ("z3a.24", 168), ("Z3A.42", 294)],
)
def test_the_code_says_the_week(code: str, days: int) -> None:
    assert weeks(code) == [(days, "2026-06-01")]


@pytest.mark.parametrize("code", ["Z3A.00", "Z3A.01", "Z3A.49", "Z33.1", "Z3A"])
def test_a_code_without_a_week_says_none(code: str) -> None:
    assert weeks(code) == []


def test_the_onset_dates_it_where_nothing_else_does() -> None:
    assert weeks(recordedDate=None, onsetDateTime="2026-05-02") == [(168, "2026-05-02")]
    assert weeks(recordedDate=None) == []


def test_a_pregnancy_that_is_over_or_denied_has_no_weeks() -> None:
    over = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]
    }
    refuted = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}
        ]
    }
    assert weeks(clinicalStatus=over) == []
    assert weeks(verificationStatus=refuted) == []


def test_other_codings_beside_it_are_passed_over() -> None:
    code = {"coding": [{"system": ICD}, {"system": ICD, "code": "Z33.1"}, {"system": ICD, "code": "Z3A.20"}]}
    assert weeks(code=code) == [(140, "2026-06-01")]


def test_the_reason_of_a_visit_says_it_too() -> None:
    visit = resource(
        "Encounter",
        id="e",
        status="finished",
        period={"start": "2026-06-03"},
        reasonCode=[{"text": "Check-up"}, coded(ICD, "Z3A.30")],
    )
    said = list(encounter.reasons(visit, context()))
    (found,) = gestations(Readable({"encounters": (visit, resource("Encounter", id="other"))}), said)
    assert (found.value, found.source.ref) == (210, "Encounter/e")
