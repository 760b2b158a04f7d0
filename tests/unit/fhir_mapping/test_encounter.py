"""What visits say: reasons, therapy, hospice, conditions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping import encounter
from tests.builders import statement as fact
from tests.builders import when
from tests.mapping import NECK, PT, SCT, coded, context, day_of, resource

DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"


def visit(**members: Any) -> Any:
    return resource(
        "Encounter", **({"id": "e1", "status": "finished", "period": {"start": "2026-06-10"}} | members)
    )


def test_reasons_of_a_visit() -> None:
    (found,) = encounter.reasons(visit(reasonCode=[NECK, {"text": "Sodium check"}]), context())
    assert (found.kind, found.is_current_encounter) == ("Encounter", True)
    assert day_of(found.recorded) == date(2026, 6, 10)
    assert list(encounter.reasons(visit(reasonCode=[NECK], status="cancelled"), context())) == []
    assert list(encounter.reasons(visit(), context())) == []


def test_a_finished_therapy_visit_is_a_session() -> None:
    assert len(list(encounter.services(visit(type=[PT]), context()))) == 1
    assert len(list(encounter.services(visit(serviceType=PT, period={"end": "2026-06-10"}), context()))) == 1
    assert list(encounter.services(visit(type=[PT], status="in-progress"), context())) == []
    assert list(encounter.services(visit(type=[{"text": "Check-up"}]), context())) == []


@pytest.mark.parametrize(
    ("members", "is_comfort"),
    [
        pytest.param({"type": [{"text": "Admission to hospice"}]}, True, id="kind of visit"),
        pytest.param(
            {"type": [coded(SCT, "305336008")], "status": "in-progress"}, True, id="by code, going on"
        ),
        pytest.param(
            {"hospitalization": {"dischargeDisposition": coded(DISPOSITION, "hosp")}},
            True,
            id="discharged to",
        ),
        pytest.param(
            {"hospitalization": {"dischargeDisposition": coded("urn:local", "HOSPICE")}},
            True,
            id="a word as a local code",
        ),
        pytest.param(
            {"hospitalization": {"dischargeDisposition": coded(DISPOSITION, "home")}}, False, id="sent home"
        ),
        pytest.param({"type": [{"text": "Admission to hospice"}], "status": "planned"}, False, id="planned"),
        pytest.param({"hospitalization": {}}, False, id="nothing said"),
    ],
)
def test_hospice_in_a_visit(members: dict[str, Any], is_comfort: bool) -> None:
    found = [s.concepts for s in encounter.services(visit(**members), context())]
    assert found == ([frozenset({"procedure/palliative-hospice"})] if is_comfort else [])


def test_what_visits_say_about_conditions() -> None:
    entry = visit(
        reasonReference=[{"reference": "Condition/c1"}, {"display": "?"}],
        diagnosis=[{"condition": {"reference": "Condition/c2"}}],
    )
    mention = encounter.mention(entry, context())
    assert mention is not None
    assert mention.refs == {"Condition/c1", "Condition/c2"}
    assert encounter.mention(visit(status="planned"), context()) is None
    named = fact("presenting/neck-pain", None, ref="Condition/c1", last_mentioned=when(40))
    inside = fact("presenting/neck-pain", None, ref="Condition/c9", encounters=frozenset({"Encounter/e1"}))
    other = fact("presenting/neck-pain", None, ref="Condition/c8")
    first, second, third = encounter.with_mentions([named, inside, other], [mention])
    assert (first.is_current_encounter, first.first_mentioned) == (True, when(40))
    assert day_of(first.last_mentioned) == day_of(second.last_mentioned) == date(2026, 6, 10)
    assert not second.is_current_encounter
    assert third is other
    undated = encounter.mention(
        visit(period=None, reasonReference=[{"reference": "Condition/c1"}]), context()
    )
    assert undated is not None
    (still,) = encounter.with_mentions([fact("presenting/neck-pain", None, ref="Condition/c1")], [undated])
    assert still.last_mentioned is None
