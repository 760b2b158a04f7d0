"""Drugs: which entries count, from when to when, and what was not taken."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.fhir_mapping import medication_administration, medication_statement
from cds_service.fhir_mapping.drugs import cancelled_prescriptions_removed, from_long_term_codes
from cds_service.pathway.vocabulary import Presence
from tests.builders import statement
from tests.mapping import context, resource

if TYPE_CHECKING:
    from cds_service.pathway.facts import DrugUse
from tests.unit.fhir_mapping.drug_uses import IBUPROFEN, prescribed, taken


def given(**members: Any) -> DrugUse | None:
    entry = resource(
        "MedicationAdministration",
        **({"status": "completed", "medicationCodeableConcept": IBUPROFEN} | members),
    )
    return medication_administration.drug_use(entry, {}, context())


@pytest.mark.parametrize(
    ("members", "counts"),
    [
        pytest.param({"status": "active"}, True, id="active"),
        pytest.param({"status": "completed"}, True, id="completed"),
        pytest.param(
            {"status": "stopped", "effectivePeriod": {"end": "2026-06-01"}}, True, id="stopped, with its end"
        ),
        pytest.param({"status": "stopped"}, False, id="stopped, until when is not known"),
        pytest.param({"status": "intended"}, False, id="intended"),
        pytest.param({"status": "not-taken"}, False, id="not taken"),
        pytest.param({"status": "on-hold"}, False, id="on hold"),
        pytest.param({"status": "unknown"}, False, id="unknown"),
        pytest.param({"status": "entered-in-error"}, False, id="entered in error"),
        pytest.param({"medicationCodeableConcept": {"text": "levothyroxine"}}, False, id="another drug"),
        pytest.param({"medicationCodeableConcept": None}, False, id="no drug named"),
    ],
)
def test_which_statements_count(members: dict[str, Any], counts: bool) -> None:
    assert (taken(**members) is not None) is counts


@pytest.mark.parametrize(
    ("members", "counts"),
    [
        pytest.param({}, True, id="active order"),
        pytest.param({"status": "stopped"}, True, id="stopped"),
        pytest.param({"intent": "instance-order"}, True, id="instance order"),
        pytest.param({"status": "draft"}, False, id="draft"),
        pytest.param({"status": "cancelled"}, False, id="cancelled"),
        pytest.param({"intent": "proposal"}, False, id="proposal"),
        pytest.param({"intent": "plan"}, False, id="plan"),
        pytest.param({"doNotPerform": True}, False, id="an order not to take it"),
        pytest.param({"medicationCodeableConcept": {"text": "levothyroxine"}}, False, id="another drug"),
    ],
)
def test_which_prescriptions_count(members: dict[str, Any], counts: bool) -> None:
    assert (prescribed(**members) is not None) is counts


def test_which_administrations_count() -> None:
    found = given(effectiveDateTime="2026-06-01")
    assert found is not None
    assert (found.start, found.end) == (found.end, found.start)
    assert given(status="not-done") is None
    assert given(medicationCodeableConcept={"text": "levothyroxine"}) is None
    running = given(
        status="in-progress", effectivePeriod={"start": "2026-06-01"}, dosage={"dose": {"value": 1}}
    )
    assert running is not None
    assert running.is_current


def test_a_statement_lasts_from_start_to_end() -> None:
    current = taken(effectivePeriod={"start": "2026-06-01"})
    assert current is not None
    assert (current.start.on, current.end, current.is_current) == (date(2026, 6, 1), None, True)  # type: ignore[union-attr]
    ended = taken(status="completed", effectivePeriod={"start": "2026-05-01", "end": "2026-05-20"})
    assert ended is not None
    assert (ended.end.on, ended.is_current) == (date(2026, 5, 20), False)  # type: ignore[union-attr]
    forgotten = taken(status="active", effectivePeriod={"start": "2026-05-01", "end": "2026-05-20"})
    assert forgotten is not None
    assert not forgotten.is_current
    once = taken(status="completed", effectiveDateTime="2026-06-03")
    assert once is not None
    assert once.start == once.end


@pytest.mark.parametrize(
    ("members", "is_current"),
    [
        pytest.param({"effectiveDateTime": "2026-06-15"}, True, id="today"),
        pytest.param({"effectiveDateTime": "2026-06-14"}, False, id="yesterday"),
        pytest.param({"effectiveDateTime": "2026-06"}, False, id="some day of this month"),
        pytest.param({"effectiveDateTime": "2026-06-15", "status": "stopped"}, False, id="broken off today"),
        pytest.param({"effectivePeriod": {"end": "2026-06-25"}, "status": "in-progress"}, True, id="goes on"),
    ],
)
def test_a_dose_counts_on_its_day(members: dict[str, Any], is_current: bool) -> None:
    found = given(**members)
    assert found is not None
    assert found.is_current is is_current


@pytest.mark.parametrize(
    ("members", "is_current"),
    [
        pytest.param({"status": "completed", "effectivePeriod": {"end": "2026-06-25"}}, True, id="to come"),
        pytest.param({"status": "completed", "effectivePeriod": {"end": "2026-06-14"}}, False, id="past"),
        pytest.param({"status": "completed", "effectivePeriod": {"start": "2026-06-01"}}, False, id="open"),
        pytest.param({"status": "completed", "effectiveDateTime": "2026-06-15"}, True, id="today"),
        pytest.param({"status": "active", "effectivePeriod": {"end": "2026-06-15"}}, True, id="ends today"),
        pytest.param({"status": "active", "effectivePeriod": {"end": "2026-06-14"}}, False, id="has ended"),
        pytest.param({"status": "active", "effectivePeriod": {"end": "2026-06"}}, True, id="ends this month"),
        pytest.param({"status": "active", "effectivePeriod": {"end": "2026"}}, True, id="ends this year"),
        pytest.param(
            {"status": "active", "effectivePeriod": {"end": "2026-05"}}, False, id="ended last month"
        ),
        pytest.param({"status": "stopped", "effectivePeriod": {"end": "2026-06-15"}}, False, id="stopped"),
    ],
)
def test_a_course_lasts_to_its_end(members: dict[str, Any], is_current: bool) -> None:
    found = taken(**members)
    assert found is not None
    assert found.is_current is is_current


@pytest.mark.parametrize(
    ("members", "cancels"),
    [
        pytest.param({"effectivePeriod": {"start": "2026-05-01", "end": "2026-05-31"}}, False, id="before"),
        pytest.param({"effectivePeriod": {"start": "2026-05-01", "end": "2026-06-01"}}, True, id="that day"),
        pytest.param({"effectivePeriod": {"start": "2026-05-01"}}, True, id="ever since"),
        pytest.param({"effectiveDateTime": "2026-05-01"}, False, id="on an earlier day"),
        pytest.param(
            {"effectiveDateTime": "2026-05-01", "dateAsserted": "2026-06-02"}, True, id="asserted since"
        ),
        pytest.param({}, True, id="undated"),
    ],
)
def test_what_was_not_taken_before_a_prescription_says_nothing_of_it(
    members: dict[str, Any], cancels: bool
) -> None:
    entry = resource(
        "MedicationStatement", status="not-taken", medicationCodeableConcept=IBUPROFEN, **members
    )
    refusal = medication_statement.refusal(entry, {}, context())
    ibuprofen = prescribed()
    assert refusal is not None
    assert ibuprofen is not None
    left = cancelled_prescriptions_removed([ibuprofen], [refusal], context().terminology)
    assert (left == []) is cancels


@pytest.mark.parametrize(
    ("reasons", "is_choice"),
    [
        ([{"text": "Patient refused"}], True),
        ([{"text": "patient's choice"}], True),
        ([{"text": "Declined by patient"}], True),
        ([{"text": "Out of stock"}], False),
        ([{"text": "Declined by insurance"}], False),
        ([{"text": "Authorization refused"}], False),
        ([{"coding": [{"code": "x"}]}], False),
        (None, False),
    ],
)
def test_why_it_was_not_taken(reasons: Any, is_choice: bool) -> None:
    entry = resource(
        "MedicationStatement",
        status="not-taken",
        medicationCodeableConcept=IBUPROFEN,
        statusReason=reasons,
    )
    refusal = medication_statement.refusal(entry, {}, context())
    assert refusal is not None
    assert refusal.is_patients_choice is is_choice


def test_a_drug_not_taken_cancels_its_prescription_and_no_other() -> None:
    entry = resource(
        "MedicationStatement",
        status="not-taken",
        medicationCodeableConcept=IBUPROFEN,
        dateAsserted="2026-06-01",
    )
    refusal = medication_statement.refusal(entry, {}, context())
    assert refusal is not None
    assert refusal.on is not None
    ibuprofen, naproxen = prescribed(), prescribed(medicationCodeableConcept={"text": "naproxen"})
    assert ibuprofen is not None
    assert naproxen is not None
    left = cancelled_prescriptions_removed([ibuprofen, naproxen], [refusal], context().terminology)
    assert left == [naproxen]
    assert (
        medication_statement.refusal(resource("MedicationStatement", status="active"), {}, context()) is None
    )
    other = resource(
        "MedicationStatement", status="not-taken", medicationCodeableConcept={"text": "levothyroxine"}
    )
    assert medication_statement.refusal(other, {}, context()) is None


def test_long_term_use_codes_are_drugs() -> None:
    on_anticoagulant = statement("drug/anticoagulant", 100, is_active=True)
    (found,) = from_long_term_codes([on_anticoagulant, statement("red-flag/fever"), _refuted("drug/nsaid")])
    assert found.concepts == {"drug/anticoagulant"}
    assert found.is_current


def _refuted(concept: str) -> Any:
    return statement(concept, presence=Presence.ABSENT)
