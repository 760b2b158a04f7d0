"""Observation: measurements, findings, courses, components."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.observation import map_observation
from cds_service.pathway.vocabulary import Course, Presence, Site
from tests.mapping import INTERPRETATION, LOINC, SCT, coded, context, observed, resource

SWEATS = coded(SCT, "42984000", "Night sweats (finding)")
TREND = coded(LOINC, "89253-9", "Trend")
STABLE = coded(SCT, "359746009", "Patient's condition stable (finding)")
PRESENT = coded(SCT, "52101004", "Present")


@pytest.mark.parametrize(
    ("members", "presence"),
    [
        pytest.param({"valueBoolean": True}, Presence.PRESENT, id="true"),
        pytest.param({"valueBoolean": False}, Presence.ABSENT, id="false"),
        pytest.param({"valueCodeableConcept": PRESENT}, Presence.PRESENT, id="coded present"),
        pytest.param({"valueCodeableConcept": {"text": "absent"}}, Presence.ABSENT, id="absent as text"),
        pytest.param({"valueString": "Positive"}, Presence.PRESENT, id="positive in words"),
        pytest.param({"valueString": "negative"}, Presence.ABSENT, id="negative in words"),
        pytest.param({"valueString": "equivocal"}, Presence.SUSPECTED, id="equivocal"),
        pytest.param({"valueString": "worse"}, Presence.PRESENT, id="a course affirms it"),
        pytest.param({"valueCodeableConcept": SWEATS}, Presence.PRESENT, id="the finding itself"),
    ],
)
def test_a_finding_counts_by_its_value(members: dict[str, Any], presence: Presence) -> None:
    (found,) = observed(code=SWEATS, **members).statements
    assert (found.presence, "red-flag/night-sweats" in found.concepts) == (presence, True)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="no value"),
        pytest.param({"dataAbsentReason": {"text": "not asked"}, "valueBoolean": True}, id="data absent"),
        pytest.param({"valueString": "positive for some time, then negative"}, id="a sentence"),
        pytest.param({"valueCodeableConcept": {"text": "perhaps"}}, id="an unknown word"),
        pytest.param({"valueBoolean": True, "status": "entered-in-error"}, id="entered in error"),
        pytest.param({"valueBoolean": True, "status": "cancelled"}, id="cancelled"),
    ],
)
def test_without_an_answer_nothing_is_documented(members: dict[str, Any]) -> None:
    assert observed(code=SWEATS, **members).statements == []


def test_a_finding_in_the_value_of_a_symptom_question() -> None:
    symptom = coded(LOINC, "75325-1", "Symptom")
    (found,) = observed(code=symptom, valueCodeableConcept=SWEATS).statements
    assert found.concepts == {"red-flag/night-sweats"}


def test_doubt_in_the_name_is_doubt() -> None:
    (found,) = observed(code={"text": "suspected night sweats"}, valueBoolean=True).statements
    assert found.presence is Presence.SUSPECTED


def test_an_extensor_plantar_response_as_value_of_the_reflex() -> None:
    reflex = coded(SCT, "366575004", "Plantar reflex")
    code = _any_code("obs/plantar-reflex", reflex)
    (positive,) = observed(code=code, valueString="abnormal").statements
    assert "red-flag/extensor-plantar" in positive.concepts
    (negative,) = observed(code=code, valueString="normal").statements
    assert negative.presence is Presence.ABSENT
    assert observed(code=code).statements == []


def _any_code(concept: str, fallback: dict[str, Any]) -> dict[str, Any]:
    index = context().terminology.index[SCT]
    code = next((c for c, concepts in index.items() if concept in concepts), None)
    return coded(SCT, code) if code else fallback


def test_pregnancy_status() -> None:
    status = coded(LOINC, "82810-3", "Pregnancy status")
    pregnant = coded(SCT, "77386006", "Pregnancy (finding)")
    (yes,) = observed(code=status, valueCodeableConcept=pregnant).statements
    assert (yes.presence, "nsaid-caution/pregnancy" in yes.concepts) == (Presence.PRESENT, True)
    (no,) = observed(code=status, valueCodeableConcept=_any_code("absent/pregnancy", {})).statements
    assert no.presence is Presence.ABSENT


def test_the_course_of_the_pain() -> None:
    (course,) = observed(code=TREND, valueCodeableConcept=STABLE).courses
    assert (course.course, course.on.on) == (Course.STABLE, date(2026, 6, 15))


def test_a_course_without_a_date_cannot_be_weighed() -> None:
    mapped = observed(code=TREND, valueCodeableConcept=STABLE, effectiveDateTime=None)
    assert (mapped.courses, mapped.focused) == ([], [])


def test_a_course_about_something_else_is_kept_with_what_it_is_about() -> None:
    mapped = observed(code=TREND, valueCodeableConcept=STABLE, focus=[{"reference": "Condition/weak"}, {}])
    assert mapped.courses == []
    assert mapped.focused[0].refs == {"Condition/weak"}


def test_better_or_worse_on_a_pain_score_is_a_course() -> None:
    score = coded(LOINC, "72514-3")
    worse = [coded(INTERPRETATION, "W")]
    members: dict[str, Any] = {"code": score, "valueQuantity": {"value": 7}}
    assert observed(**members, interpretation=worse).courses[0].course is Course.PROGRESSING
    assert observed(**members).courses == []
    assert observed(**members, interpretation=worse, effectiveDateTime=None).courses == []
    crp = {"code": coded(LOINC, "1988-5"), "valueQuantity": {"value": 7, "unit": "mg/L"}}
    assert observed(**crp, interpretation=worse).courses == []


def test_pain_detail_in_words() -> None:
    quality = coded(LOINC, "32419-4", "Pain quality")
    (found,) = observed(
        code=quality, valueString="paroxysmal, stabbing", bodySite={"text": "occipital"}
    ).statements
    assert found.qualities == {"paroxysmal", "stabbing"}
    assert found.sites == {Site.OCCIPUT}
    assert observed(code=quality, valueString="dull").statements == []


def test_a_blood_pressure_panel_gives_its_components() -> None:
    mapped = observed(
        code=coded(LOINC, "85354-9"),
        component=[
            {"code": coded(LOINC, "8480-6"), "valueQuantity": {"value": 160, "code": "mm[Hg]"}},
            {"code": coded(LOINC, "8462-4"), "valueQuantity": {"value": 100, "code": "mm[Hg]"}},
        ],
    )
    assert {m.concept: m.value for m in mapped.measurements} == {"obs/systolic": 160, "obs/diastolic": 100}


def test_a_headache_with_an_occipital_body_site_names_a_pain() -> None:
    headache = coded(SCT, "25064002", "Headache (finding)")
    (found,) = observed(code=headache, valueBoolean=True, bodySite={"text": "occipital"}).statements
    assert "presenting/occipital-headache" in found.concepts


def test_a_spasm_elsewhere_alone_says_nothing_more() -> None:
    spasm = coded("http://hl7.org/fhir/sid/icd-10-cm", "M62.838")
    (found,) = observed(code=spasm, valueBoolean=True).statements
    assert found.concepts == {"context/muscle-spasm-site-not-stated"}


@pytest.mark.parametrize(
    ("members", "on"),
    [
        pytest.param({"effectiveDateTime": "2026-06-01"}, date(2026, 6, 1), id="date-time"),
        pytest.param({"effectiveInstant": "2026-06-02T10:00:00Z"}, date(2026, 6, 2), id="instant"),
        pytest.param(
            {"effectivePeriod": {"start": "2026-06-03", "end": "2026-06-04"}}, date(2026, 6, 4), id="period"
        ),
        pytest.param({"effectiveTiming": {"event": ["2026-06-05"]}}, date(2026, 6, 5), id="timing"),
        pytest.param({"issued": "2026-06-06T10:00:00Z"}, date(2026, 6, 6), id="issued"),
        pytest.param(
            {"effectiveDateTime": "2027-01-01", "issued": "2026-06-07"}, date(2026, 6, 7), id="future date"
        ),
    ],
)
def test_when_it_was_observed(members: dict[str, Any], on: date) -> None:
    (found,) = observed(**({"effectiveDateTime": None} | members), code=SWEATS, valueBoolean=True).statements
    assert found.recorded is not None
    assert found.recorded.on == on


def test_preliminary_findings_are_labelled_and_encounters_kept() -> None:
    (found,) = observed(
        code=SWEATS, valueBoolean=True, status="preliminary", encounter={"reference": "Encounter/e9"}
    ).statements
    assert found.is_preliminary
    assert found.encounters == {"Encounter/e9"}


def test_a_value_without_any_known_code_is_passed_over() -> None:
    assert (
        observed(code={"text": "Sodium"}, valueQuantity={"value": 140, "unit": "mmol/L"}).measurements == []
    )


def test_a_result_inside_another_resource_is_named_by_where_it_stands() -> None:
    mapped = Mapped()
    map_observation(
        resource("Observation", code=SWEATS, valueBoolean=True), context(), mapped, ref="DiagnosticReport/d#o"
    )
    assert mapped.statements[0].source.ref == "DiagnosticReport/d#o"


def test_a_component_that_names_nothing_says_nothing() -> None:
    mapped = observed(code={"text": "Panel"}, component=[{"code": {"text": "Unknown"}, "valueBoolean": True}])
    assert (mapped.statements, mapped.measurements) == ([], [])


def test_a_known_answer_to_an_unknown_question_says_nothing() -> None:
    assert observed(code={"text": "Unknown"}, valueCodeableConcept=PRESENT).statements == []


@pytest.mark.parametrize(
    ("value", "presence"),
    [("Abnormal", Presence.PRESENT), ("Impaired", Presence.PRESENT), ("Steady", Presence.ABSENT)],
)
def test_a_gait_that_is_not_normal_is_disturbed(value: str, presence: Presence) -> None:
    (found,) = observed(code={"text": "Gait"}, valueCodeableConcept={"text": value}).statements
    assert (set(found.concepts), found.presence) == ({"red-flag/gait-disturbance"}, presence)
