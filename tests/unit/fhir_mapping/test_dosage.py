"""How long a supply lasts, and how much of a drug a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping import medication_statement
from cds_service.fhir_mapping.dosage import daily_dose_mg, supply_end
from cds_service.fhir_r4.elements import Dosage, Quantity, Timing
from cds_service.pathway.vocabulary import Intake
from tests.builders import when
from tests.mapping import RXNORM, coded, context, resource
from tests.unit.fhir_mapping.drug_uses import IBUPROFEN, prescribed


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
