"""The assembled case: whose record, what is read of it, in which order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from cds_service.clinical_data import ClinicalData, DataState, KeyData
from cds_service.fhir_mapping.case import build_case
from cds_service.fhir_r4.elements import Reference
from cds_service.pathway.vocabulary import Course, User
from tests.cases import ME, NECK, NOW, built, pain
from tests.mapping import LOINC, RXNORM, SCT, coded, context, resource


def test_a_chart_without_pain_is_not_read_further() -> None:
    fever = resource("Condition", code=coded(SCT, "386661006", "Fever (finding)"))
    therapy = resource("Procedure", status="completed", code={"text": "physiotherapy"})
    assert built(conditions=[pain()], procedures=[therapy]).services
    case = built(conditions=[fever], procedures=[therapy])
    assert (len(case.statements), case.services) == (1, ())


def test_a_pain_opens_the_rest_of_the_chart() -> None:
    crp = resource(
        "Observation", id="crp", code=coded(LOINC, "1988-5"), valueQuantity={"value": 80, "unit": "mg/L"}
    )
    reasons = resource(
        "Encounter", id="e1", status="in-progress", reasonReference=[{"reference": "Condition/neck"}]
    )
    case = built(conditions=[pain()], observations=[crp], encounters=[reasons])
    assert [m.value for m in case.measurements] == [80]
    assert case.statements[0].is_current_encounter


@pytest.mark.parametrize(
    ("key", "opening"),
    [
        pytest.param(
            "encounters",
            resource("Encounter", id="e1", status="in-progress", reasonCode=[NECK["code"]]),
            id="the reason of a visit",
        ),
        pytest.param(
            "questionnaireResponses",
            resource(
                "QuestionnaireResponse",
                status="completed",
                item=[{"text": "Neck pain?", "answer": [{"valueBoolean": True}]}],
            ),
            id="a questionnaire",
        ),
        pytest.param(
            "observations",
            resource("Observation", id="o", status="final", code=NECK["code"], valueBoolean=True),
            id="an observed symptom",
        ),
    ],
)
def test_pain_may_stand_elsewhere_than_on_the_problem_list(key: str, opening: Any) -> None:
    therapy = resource("Procedure", status="completed", code={"text": "physiotherapy"})
    found: dict[str, Any] = {key: [opening], "procedures": [therapy]}
    case = built(**found)
    assert len(case.statements) == 1
    assert len(case.services) == 1


def test_every_kind_of_resource_has_its_place() -> None:
    neck_mri = coded(LOINC, "24935-9", "MR Cervical spine")
    drug = {"medicationCodeableConcept": coded(RXNORM, "5640", "Ibuprofen")}
    case = built(
        conditions=[pain()],
        medicationStatements=[
            resource("MedicationStatement", status="active", **drug),
            resource(
                "MedicationStatement",
                id="no",
                status="not-taken",
                medicationCodeableConcept={"text": "naproxen"},
            ),
        ],
        medicationRequests=[resource("MedicationRequest", status="active", intent="order", **drug)],
        medicationAdministrations=[resource("MedicationAdministration", status="completed", **drug)],
        serviceRequests=[resource("ServiceRequest", status="active", code=neck_mri)],
        diagnosticReports=[resource("DiagnosticReport", status="final", code=neck_mri)],
        imagingStudies=[resource("ImagingStudy", status="available", procedureCode=[neck_mri])],
        allergies=[resource("AllergyIntolerance", code={"text": "aspirin"})],
        appointments=[resource("Appointment", status="booked", start="2026-07-01")],
        devices=[resource("Device", status="active", type={"text": "pacemaker"})],
        flags=[resource("Flag", status="active", code={"text": "MRI contraindicated"})],
        goals=[resource("Goal", lifecycleStatus="active", description={"text": "Lose weight"})],
        carePlans=[
            resource("CarePlan", status="active", category=[{"text": "Physical therapy"}]),
            resource("CarePlan", id="weight", status="active", category=[{"text": "Weight management"}]),
        ],
    )
    counts = (
        case.drugs,
        case.refusals,
        case.services,
        case.imaging,
        case.allergies,
        case.visits,
        case.implants,
    )
    assert [len(facts) for facts in counts] == [3, 1, 2, 2, 1, 1, 1]
    assert {s.kind for s in case.statements} == {"Condition", "Flag", "Goal", "CarePlan"}


def test_results_inside_a_report_are_read_when_the_report_names_them() -> None:
    inside = {
        "resourceType": "Observation",
        "id": "crp",
        "status": "final",
        "code": coded(LOINC, "1988-5"),
        "valueQuantity": {"value": 80, "unit": "mg/L"},
    }
    members: dict[str, Any] = {
        "id": "lab",
        "status": "final",
        "code": {"text": "Inflammation panel"},
        "effectiveDateTime": "2026-06-10",
        "contained": [inside, {"resourceType": "Observation", "id": "other"}, {"resourceType": "Basic"}, 5],
        "result": [{"reference": "#crp"}],
    }
    case = built(conditions=[pain()], diagnosticReports=[resource("DiagnosticReport", **members)])
    (crp,) = case.measurements
    assert crp.source.ref == "DiagnosticReport/lab#crp"
    assert crp.taken is not None
    assert crp.taken.on == date(2026, 6, 10)
    wrong = resource("DiagnosticReport", **(members | {"status": "entered-in-error"}))
    assert built(conditions=[pain()], diagnosticReports=[wrong]).measurements == ()


@pytest.mark.parametrize(
    ("members", "known", "expected"),
    [
        pytest.param({}, False, 1, id="only beside its report"),
        pytest.param({}, True, 1, id="also among the observations"),
        pytest.param({"id": "another"}, False, 0, id="not named by the report"),
        pytest.param({"subject": {"reference": "Patient/p2"}}, False, 0, id="of somebody else"),
        pytest.param({"modifierExtension": [{"url": "x"}]}, False, 0, id="with an unknown modifier"),
    ],
)
def test_results_that_came_along_with_their_report(
    members: dict[str, Any], known: bool, expected: int
) -> None:
    raised = resource(
        "Observation",
        **{
            "id": "crp",
            "status": "final",
            "code": coded(LOINC, "1988-5"),
            "effectiveDateTime": "2026-06-10",
            "valueQuantity": {"value": 80, "unit": "mg/L"},
        }
        | members,
    )
    report = resource("DiagnosticReport", id="lab", status="final", result=[{"reference": "Observation/crp"}])
    reports = KeyData(DataState.OK, (report,), (raised,))
    observations = KeyData(DataState.OK, (raised,) if known else ())
    keys = {
        "conditions": KeyData(DataState.OK, (pain(),)),
        "diagnosticReports": reports,
        "observations": observations,
    }
    case = built(keys=keys)
    assert len(case.measurements) == expected


def test_somebody_elses_resources_are_dropped_and_counted() -> None:
    others = pain(subject={"reference": "https://ehr.example.org/fhir/Patient/p2"})
    case = built(conditions=[others])
    assert (case.statements, case.readability.wrong_patient) == ((), 1)


def test_an_answer_about_somebody_else_is_no_whole_answer_about_the_patient() -> None:
    others = resource("Observation", id="o", status="final", subject={"reference": "Patient/p2"})
    case = built(conditions=[pain()], observations=[others])
    assert case.readability.incomplete == {"observations"}
    assert case.readability.complete == {"conditions"}


def test_a_course_about_a_deficit_is_not_the_course_of_the_pain() -> None:
    weak = resource("Condition", id="weak", code=coded(SCT, "309774006", "Weakness of limb (finding)"))

    def course(number: str, about: str, code: str, on: str) -> Any:
        value = coded(SCT, code)
        focus = [{"reference": f"Condition/{about}"}]
        trend = coded(LOINC, "89253-9")
        return resource(
            "Observation",
            id=number,
            status="final",
            code=trend,
            focus=focus,
            valueCodeableConcept=value,
            effectiveDateTime=on,
        )

    worse, stable = "271299001", "359746009"
    observations = [
        course("1", "weak", stable, "2026-06-01"),
        course("2", "weak", worse, "2026-06-10"),
        course("0", "weak", stable, "2026-05-20"),
        course("3", "neck", stable, "2026-06-11"),
    ]
    case = built(conditions=[pain(), weak], observations=observations)
    by_ref = {s.source.ref: s for s in case.statements}
    assert by_ref["Condition/weak"].course is Course.PROGRESSING
    assert [c.course for c in case.courses] == [Course.STABLE]
    own = resource(
        "Observation",
        id="arm",
        status="final",
        code=coded(SCT, "309774006"),
        valueString="worse",
        effectiveDateTime="2026-06-12",
    )
    about_arm = (Reference(reference="Observation/arm"),)
    older = structs.replace(course("4", "x", stable, "2026-06-01"), focus=about_arm)
    (arm,) = [
        s for s in built(conditions=[pain()], observations=[own, older]).statements if s.kind == "Observation"
    ]
    assert arm.course is Course.PROGRESSING


def test_who_is_looking() -> None:
    assert built(user="Patient/p1").user is User.PATIENT
    assert built(user="RelatedPerson/r").user is User.PATIENT
    assert built().user is User.CLINICIAN


def test_the_clinical_moment_needs_a_zone() -> None:
    known = context()
    with pytest.raises(ValueError, match="time zone"):
        build_case(
            ClinicalData("p1", None, "Practitioner/d", {}),
            known.terminology,
            known.units,
            NOW.replace(tzinfo=None),
        )


@pytest.mark.parametrize(
    ("about", "counts"),
    [
        pytest.param("Condition/neck", True, id="this pain"),
        pytest.param("Condition/knee", False, id="another one in the chart"),
        pytest.param("Condition/elsewhere", True, id="one the chart does not hold"),
        pytest.param("Condition/myelopathy", True, id="a disease of the neck"),
    ],
)
def test_a_score_about_another_condition_of_the_chart_is_not_this_pains(about: str, *, counts: bool) -> None:
    knee = resource("Condition", id="knee", code={"text": "Knee pain"}, subject=ME)
    myelopathy = resource("Condition", id="myelopathy", code={"text": "Cervical myelopathy"}, subject=ME)

    def score(value: int, **members: Any) -> Any:
        code = coded(LOINC, "72514-3")
        return resource("Observation", id="?", status="final", code=code, valueInteger=value, **members)

    scores = [score(2, focus=[{"reference": about}]), score(9)]
    case = built(conditions=[pain(), knee, myelopathy], observations=scores)
    assert {m.value for m in case.measurements} == ({2, 9} if counts else {9})
