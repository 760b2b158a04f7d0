"""Drugs: which entries count, which drug it is, how long, how much."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.fhir_mapping import medication_administration, medication_request, medication_statement
from cds_service.fhir_mapping.dosage import daily_dose_mg, supply_end
from cds_service.fhir_mapping.drugs import cancelled_prescriptions_removed, from_long_term_codes
from cds_service.fhir_mapping.medication import medications_by_ref
from cds_service.fhir_r4.elements import Dosage, Quantity, Timing
from cds_service.pathway.vocabulary import Intake, Presence
from tests.builders import statement, when
from tests.mapping import RXNORM, coded, context, resource

if TYPE_CHECKING:
    from cds_service.pathway.facts import DrugUse

IBUPROFEN = coded(RXNORM, "5640", "Ibuprofen")
NSAID = {"drug/nsaid", "drug/ibuprofen"}


def taken(known: dict[str, Any] | None = None, **members: Any) -> DrugUse | None:
    entry = resource(
        "MedicationStatement", **({"status": "active", "medicationCodeableConcept": IBUPROFEN} | members)
    )
    return medication_statement.drug_use(entry, known or {}, context())


def prescribed(**members: Any) -> DrugUse | None:
    usual = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": IBUPROFEN,
        "authoredOn": "2026-06-01",
    }
    return medication_request.drug_use(resource("MedicationRequest", **(usual | members)), {}, context())


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
    ("members", "end", "is_current"),
    [
        pytest.param({}, None, True, id="open"),
        pytest.param(
            {"dispenseRequest": {"validityPeriod": {"end": "2026-06-05"}}},
            date(2026, 6, 5),
            False,
            id="validity over",
        ),
        pytest.param(
            {"dispenseRequest": {"validityPeriod": {"end": "2026-09-05"}}}, None, True, id="valid still"
        ),
        pytest.param(
            {"dispenseRequest": {"expectedSupplyDuration": {"value": 5, "code": "d"}}},
            date(2026, 6, 6),
            False,
            id="supply over",
        ),
        pytest.param(
            {
                "dispenseRequest": {
                    "expectedSupplyDuration": {"value": 5, "code": "d"},
                    "numberOfRepeatsAllowed": 9,
                }
            },
            None,
            True,
            id="with repeats",
        ),
        pytest.param(
            {
                "dispenseRequest": {
                    "expectedSupplyDuration": {"value": 5, "code": "d"},
                    "numberOfRepeatsAllowed": 9_999_999,
                }
            },
            None,
            True,
            id="with repeats beyond the calendar",
        ),
        pytest.param({"status": "completed"}, date(2026, 6, 1), False, id="over, no end: its first day"),
        pytest.param(
            {"status": "completed", "dispenseRequest": {"validityPeriod": {"end": "2026-06-15"}}},
            date(2026, 6, 15),
            True,
            id="over with this day",
        ),
        pytest.param(
            {"status": "completed", "dispenseRequest": {"validityPeriod": {"end": "2026-06-14"}}},
            date(2026, 6, 14),
            False,
            id="over since yesterday",
        ),
        pytest.param(
            {"status": "completed", "dispenseRequest": {"validityPeriod": {"end": "2026-06-25"}}},
            date(2026, 6, 15),
            True,
            id="completed, its supply lasts",
        ),
        pytest.param(
            {"status": "stopped", "dispenseRequest": {"validityPeriod": {"end": "2026-09-05"}}},
            date(2026, 6, 15),
            False,
            id="stopped before its end",
        ),
        pytest.param(
            {"authoredOn": None, "dispenseRequest": {"validityPeriod": {"start": "2026-06-02"}}},
            None,
            True,
            id="start",
        ),
    ],
)
def test_how_long_a_prescription_lasts(members: dict[str, Any], end: date | None, is_current: bool) -> None:
    found = prescribed(**members)
    assert found is not None
    assert found.start is not None
    assert (found.end.on if found.end else None, found.is_current) == (end, is_current)
    assert found.intake is Intake.PRESCRIBED


def test_bounds_of_the_dosage_end_a_supply() -> None:
    period = Dosage(timing=Timing())
    assert supply_end(when(10), None, (period,), context()) is None
    by_period = resource(
        "MedicationRequest",
        dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"end": "2026-06-09"}}}}],
    ).dosage_instruction
    assert supply_end(None, None, by_period, context()) == date(2026, 6, 9)
    by_days = resource(
        "MedicationRequest",
        dosageInstruction=[{"timing": {"repeat": {"boundsDuration": {"value": 1, "unit": "week"}}}}],
    ).dosage_instruction
    assert supply_end(when(10), None, by_days, context()) == date(2026, 6, 12)
    nonsense = resource(
        "MedicationRequest", dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"end": "soon"}}}}]
    ).dosage_instruction
    assert supply_end(None, None, nonsense, context()) is None
    nothing = resource(
        "MedicationRequest", dispenseRequest={"expectedSupplyDuration": {"value": 3, "unit": "moons"}}
    )
    assert supply_end(when(10), nothing.dispense_request, None, context()) is None
    empty = resource("MedicationRequest", dispenseRequest={"expectedSupplyDuration": {"unit": "d"}})
    assert supply_end(when(10), empty.dispense_request, None, context()) is None


def dose(
    value: float | None = 20, unit: str | None = "mg", repeat: dict[str, Any] | None = None
) -> list[Dosage]:
    amount = {k: v for k, v in {"value": value, "code": unit}.items() if v is not None}
    timing = {"timing": {"repeat": repeat}} if repeat is not None else {}
    entry = {"doseAndRate": [{"doseQuantity": amount}], **timing}
    found: list[Dosage] = resource("MedicationRequest", dosageInstruction=[entry]).dosage_instruction
    return found


DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


@pytest.mark.parametrize(
    ("dosages", "strength", "expected"),
    [
        pytest.param(dose(repeat=DAILY), None, 20, id="once a day"),
        pytest.param(dose(repeat=DAILY | {"frequency": 2}), None, 40, id="twice a day"),
        pytest.param(dose(repeat={"period": 8, "periodUnit": "h"}), None, 60, id="every eight hours"),
        pytest.param(dose(repeat=DAILY | {"frequencyMax": 3}), None, 60, id="up to three times"),
        pytest.param(dose(0.02, "g", DAILY), None, 20, id="grams"),
        pytest.param(dose(2, "tablet", DAILY), 10, 20, id="tablets of known strength"),
        pytest.param(dose(2, None, DAILY), 10, 20, id="units of known strength"),
        pytest.param(dose(2, "tablet", DAILY), None, None, id="tablets of unknown strength"),
        pytest.param(dose(2, "mL", DAILY), 10, None, id="millilitres"),
        pytest.param(dose(None, "mg", DAILY), None, None, id="no amount"),
        pytest.param(dose(repeat=None), None, None, id="no frequency"),
        pytest.param(dose(repeat={"frequency": 1}), None, None, id="no period"),
        pytest.param(dose(repeat=DAILY | {"periodUnit": "fortnight"}), None, None, id="unknown period"),
        pytest.param([], None, None, id="no dosage"),
        pytest.param(dose(repeat=DAILY) * 2, None, None, id="several steps"),
        pytest.param([Dosage(dose=Quantity(value=20, code="mg"))], None, None, id="one administered dose"),
    ],
)
def test_milligrams_a_day(dosages: list[Dosage], strength: float | None, expected: float | None) -> None:
    found = daily_dose_mg(tuple(dosages), strength)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_drug_behind_a_reference() -> None:
    medication = resource(
        "Medication", id="m1", ingredient=[{"itemCodeableConcept": IBUPROFEN}, {}], form={"text": "tablet"}
    )
    known = medications_by_ref([medication, object(), resource("Medication", id=None)])
    found = taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"})
    assert found is not None
    assert found.concepts >= NSAID
    assert (
        taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"})
        is None
    )
    both = taken(known, medicationReference={"reference": "Medication/m1"})
    assert both is not None
    assert (both.concepts, both.source.text) == (found.concepts, "Ibuprofen")
    named = {"reference": "#m"}
    inside = [
        {"resourceType": "Medication", "id": "m", "code": {"text": "Ketorolac"}},
        {"resourceType": "Patient"},
    ]
    contained = taken(medicationCodeableConcept=None, medicationReference=named, contained=inside)
    assert contained is not None
    assert contained.ingredient == "ketorolac"
    assert taken(medicationCodeableConcept=None, medicationReference=named, contained=[]) is None


def test_a_reference_that_leads_nowhere_is_read_by_its_own_words() -> None:
    elsewhere = {"reference": "Medication/x", "display": "apixaban 5 MG Oral Tablet"}
    found = taken(medicationCodeableConcept=None, medicationReference=elsewhere)
    assert found is not None
    assert (set(found.concepts), found.ingredient) == ({"drug/anticoagulant"}, "apixaban")


@pytest.mark.parametrize(
    ("medication", "expected"),
    [
        pytest.param(
            {"code": {"coding": [{"system": "urn:local", "code": "Ketorolac"}]}}, "Ketorolac", id="code"
        ),
        pytest.param(
            {
                "code": {"coding": [{"system": "urn:local:product", "code": "00001"}]},
                "identifier": [{"value": "KETO15"}, {"value": "Ketorolac 15mg"}, {}],
            },
            "Ketorolac 15mg",
            id="identifier beside a product number",
        ),
        pytest.param({"identifier": [{"value": "ketorolac"}]}, "ketorolac", id="identifier alone"),
        pytest.param(
            {"identifier": [{"value": "00409379501"}, {"value": "Ketorolac"}]},
            "Ketorolac",
            id="a key longer than the name",
        ),
        pytest.param(
            {"code": {"text": "Water"}, "identifier": [{"value": "ketorolac"}]}, None, id="words come first"
        ),
        pytest.param({"code": {"coding": [{"system": "urn:local"}]}}, None, id="nothing at all"),
    ],
)
def test_a_name_kept_where_no_name_belongs(medication: dict[str, Any], expected: str | None) -> None:
    known = medications_by_ref([resource("Medication", id="m1", **medication)])
    found = taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"})
    assert (found.source.text if found else None) == expected
    if found:
        assert found.ingredient == "ketorolac"


def test_a_name_as_the_code_of_a_prescription() -> None:
    found = taken(medicationCodeableConcept={"coding": [{"system": "urn:local", "code": "Ibuprofen"}]})
    assert found is not None
    assert found.concepts >= NSAID


@pytest.mark.parametrize(
    ("members", "is_systemic"),
    [
        pytest.param(
            {"medicationCodeableConcept": {"text": "ketorolac 5 MG/ML Ophthalmic Solution"}},
            False,
            id="eye drops",
        ),
        pytest.param({"medicationCodeableConcept": {"text": "diclofenac gel"}}, False, id="gel"),
        pytest.param({"dosage": [{"route": {"text": "Topical route"}}]}, False, id="topical route"),
        pytest.param({"dosage": [{"route": {"text": "Oral"}}]}, True, id="by mouth"),
        pytest.param(
            {"medicationCodeableConcept": {"text": "indomethacin 50 mg rectal suppository"}},
            True,
            id="an NSAID as a suppository",
        ),
        pytest.param({"dosage": [{"route": {"text": "Per rectum"}}]}, True, id="an NSAID, route rectal"),
        pytest.param(
            {"medicationCodeableConcept": {"text": "hydrocortisone suppositories"}},
            False,
            id="a steroid as a suppository",
        ),
        pytest.param(
            {"medicationCodeableConcept": {"text": "budesonide rectal foam, hydrocortisone enema"}},
            False,
            id="a steroid for the bowel",
        ),
        pytest.param(
            {
                "medicationCodeableConcept": {"text": "prednisolone 20 mg"},
                "dosage": [{"route": {"text": "Rectal route"}}],
            },
            False,
            id="a steroid, route rectal",
        ),
    ],
)
def test_forms_that_act_where_they_are_applied(members: dict[str, Any], is_systemic: bool) -> None:
    found = taken(**members)
    assert found is not None
    assert found.is_systemic is is_systemic


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


def test_a_renewal_has_the_dosage_of_its_own_words_and_drug() -> None:
    where = context()

    def dose(milligrams: int, drug: dict[str, Any] = IBUPROFEN, **members: Any) -> tuple[float | None, bool]:
        dosage = {
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg"}}],
        }
        entry = resource(
            "MedicationStatement", status="active", medicationCodeableConcept=drug, dosage=[dosage | members]
        )
        found = medication_statement.drug_use(entry, {}, where)
        assert found is not None
        return found.daily_dose_mg, found.is_systemic

    naproxen = coded(RXNORM, "7258", "Naproxen")
    assert [dose(400), dose(400), dose(600), dose(400)] == [
        (1200, True),
        (1200, True),
        (1800, True),
        (1200, True),
    ]
    assert dose(400, route={"text": "topical"}) == (1200, False)
    assert dose(400, naproxen) == (1200, True)
