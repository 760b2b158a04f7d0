"""The assembled case: whose record, what was readable, what refers to what, in an order of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from cds_service.clinical_data import ClinicalData, DataState, KeyData, Unreadable
from cds_service.fhir_mapping.case import build_case
from cds_service.fhir_mapping.merge import merged_statements, newest_first
from cds_service.fhir_mapping.patient import age_years, is_deceased, sex
from cds_service.fhir_mapping.references import contained, is_of_other_patient, target
from cds_service.fhir_r4.elements import Reference
from cds_service.pathway.vocabulary import AgeRange, Course, Precision, Sex, User, When
from tests.builders import statement, when
from tests.mapping import LOINC, RXNORM, SCT, coded, context, resource

if TYPE_CHECKING:
    from cds_service.pathway.case import NeckPainCase

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
NECK = {"code": coded(SCT, "81680005", "Neck pain (finding)"), "onsetDateTime": "2026-06-05"}
ME = {"reference": "Patient/p1"}


def built(
    user: str = "Practitioner/d", keys: dict[str, KeyData] | None = None, **found: list[Any]
) -> NeckPainCase:
    data = {key: KeyData(DataState.OK, tuple(resources)) for key, resources in found.items()} | (keys or {})
    known = context()
    return build_case(ClinicalData("p1", "e1", user, data), known.terminology, known.units, NOW)


def pain(**members: Any) -> Any:
    return resource("Condition", **({"id": "neck", "subject": ME} | NECK | members))


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


def test_a_contained_result_with_an_unknown_modifier_is_named_and_not_read() -> None:
    inside = {
        "resourceType": "Observation",
        "id": "crp",
        "status": "final",
        "code": coded(LOINC, "1988-5"),
        "valueQuantity": {"value": 80, "unit": "mg/L"},
        "modifierExtension": [{"url": "https://ehr.example.org/negated", "valueBoolean": True}],
    }
    report = resource(
        "DiagnosticReport", id="lab", status="final", contained=[inside], result=[{"reference": "#crp"}]
    )
    case = built(conditions=[pain()], diagnosticReports=[report])
    assert case.measurements == ()
    assert [item.why for item in case.readability.not_interpretable] == ["modifier"]


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


@pytest.mark.parametrize(
    ("subject", "is_other"),
    [
        pytest.param({"reference": "Patient/p1"}, False, id="relative"),
        pytest.param(
            {"reference": "https://ehr.example.org/fhir/Patient/p1/_history/3"},
            False,
            id="absolute, versioned",
        ),
        pytest.param({"reference": "p1"}, False, id="bare id"),
        pytest.param({"reference": "urn:uuid:p1"}, False, id="urn of this patient"),
        pytest.param({"reference": "urn:uuid:p2"}, True, id="urn of another"),
        pytest.param({"reference": "Patient/p2"}, True, id="another"),
        pytest.param({"reference": "#p"}, False, id="contained"),
        pytest.param({"display": "Ada"}, False, id="words only"),
        pytest.param(None, False, id="not said"),
    ],
)
def test_whose_resource_it_is(subject: dict[str, str] | None, is_other: bool) -> None:
    assert is_of_other_patient(resource("Condition", subject=subject), "p1") is is_other


def test_references() -> None:
    assert target(None) is None
    assert target(Reference("")) is None
    assert (
        list(contained(resource("Condition", contained=[{"resourceType": "Condition", "clinicalStatus": 5}])))
        == []
    )


def test_an_unknown_modifier_keeps_a_resource_from_being_used() -> None:
    turned = pain(id="turned", modifierExtension=[{"url": "https://x.example", "valueBoolean": True}])
    case = built(conditions=[pain(), turned])
    assert [item.why for item in case.readability.not_interpretable] == ["modifier"]
    assert len(case.statements) == 1


def test_what_could_not_be_decoded_is_named_with_what_it_would_have_fed() -> None:
    crp = resource("Observation", id="crp", code=coded(LOINC, "1988-5"), status="final")
    unreadable = (
        Unreadable("Observation/crp", ("valueQuantity",)),
        Unreadable("Observation/?", ()),
        Unreadable("Observation/m", ("meta",)),
    )
    data = KeyData(DataState.OK, (crp,), unreadable=unreadable)
    case = built(conditions=[pain()], keys={"observations": data, "flags": KeyData(DataState.FAILED)})
    assert [(i.ref, i.concept) for i in case.readability.not_interpretable] == [
        ("Observation/?", ""),
        ("Observation/crp", "obs/crp"),
    ]
    assert case.readability.incomplete == {"flags"}


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


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        pytest.param("1976-06-15", AgeRange(50, 50), id="birthday today"),
        pytest.param("1976-06-16", AgeRange(49, 49), id="birthday tomorrow"),
        pytest.param("1976", AgeRange(49, 50), id="a year"),
        pytest.param("2008-06", AgeRange(17, 18), id="a month that straddles the birthday"),
        pytest.param("2030-01-01", None, id="in the future"),
        pytest.param("unknown", None, id="words"),
        pytest.param(None, None, id="not recorded"),
    ],
)
def test_age_from_a_birth_date_as_exact_as_recorded(birth: str | None, age: AgeRange | None) -> None:
    patient = resource("Patient", id="p1", birthDate=birth, gender="female")
    assert built(patient=[patient], conditions=[pain()]).age_years == age


@pytest.mark.parametrize(
    ("recorded", "is_dead"),
    [
        pytest.param({"deceasedDateTime": "2026-01-01"}, True, id="dated before the call"),
        pytest.param({"deceasedDateTime": "2026-06-15"}, True, id="on the day of the call"),
        pytest.param({"deceasedDateTime": "2026"}, True, id="some day of this year"),
        pytest.param({"deceasedDateTime": "unknown"}, True, id="on a day nobody knows"),
        pytest.param({"deceasedDateTime": "2027-02-01"}, False, id="dated after the call"),
        pytest.param({"deceasedBoolean": True}, True, id="without a date"),
        pytest.param({"deceasedBoolean": False}, False, id="alive"),
        pytest.param({}, False, id="nothing recorded"),
    ],
)
def test_a_death_counts_from_its_day(recorded: dict[str, Any], is_dead: bool) -> None:
    assert is_deceased(resource("Patient", **recorded), context()) is is_dead


def test_sex_and_age() -> None:
    assert sex(resource("Patient", gender="male")) is Sex.MALE
    assert sex(resource("Patient", gender="unknown")) is None
    assert age_years(None, date(2026, 6, 15)) is None
    assert age_years(When(date(1976, 1, 1), Precision.DAY), date(2026, 6, 15)) == AgeRange(50, 50)


def test_the_clinical_moment_needs_a_zone() -> None:
    known = context()
    with pytest.raises(ValueError, match="time zone"):
        build_case(
            ClinicalData("p1", None, "Practitioner/d", {}),
            known.terminology,
            known.units,
            NOW.replace(tzinfo=None),
        )


def test_the_same_problem_entered_twice_is_one_fact_with_two_sources() -> None:
    first = statement("presenting/neck-pain", 5, ref="Condition/a", last_mentioned=when(3))
    second = statement(
        "presenting/neck-pain", 5, ref="Condition/b", is_current_encounter=True, is_text_only=True
    )
    (one,) = merged_statements([second, first])
    assert (one.source.ref, one.source.duplicates) == ("Condition/a", ("Condition/b",))
    assert (one.is_current_encounter, one.last_mentioned) == (True, when(3))
    assert merged_statements([first, second]) == (one,)


def test_entries_without_dates_are_as_old_as_their_visits() -> None:
    def entry(ref: str, days: int, until: int) -> Any:
        mentions = {"first_mentioned": when(days), "last_mentioned": when(until)}
        return statement("red-flag/trauma", None, ref=ref, **mentions)

    merged = merged_statements([entry("Condition/c", 1, 1), entry("Condition/a", 800, 800)])
    assert [s.first_mentioned for s in merged] == [when(1), when(800)]
    (one,) = merged_statements([entry("Condition/c", 9, 4), entry("Condition/a", 9, 2)])
    assert (one.source.duplicates, one.first_mentioned, one.last_mentioned) == (
        ("Condition/c",),
        when(9),
        when(2),
    )


def test_a_dated_entry_keeps_its_earliest_mention() -> None:
    first = statement("red-flag/fever", 9, ref="Condition/b", first_mentioned=when(8))
    second = statement("red-flag/fever", 9, ref="Condition/a", first_mentioned=when(3))
    (one,) = merged_statements([first, second])
    assert one.first_mentioned == when(8)


def test_facts_come_newest_first_and_once() -> None:
    old, new = statement("red-flag/fever", 9), statement("red-flag/fever", 1)
    assert newest_first([old, new, old]) == (new, old)
    assert len(newest_first([statement("red-flag/fever", None), old])) == 2


NOWHERE: dict[str, Any] = {"medicationReference": {"reference": "Medication/x"}}
ORDER = {"status": "active", "intent": "order", "subject": ME}


@pytest.mark.parametrize(
    ("kind", "members", "is_named"),
    [
        pytest.param("MedicationRequest", ORDER | NOWHERE, True, id="a reference that leads nowhere"),
        pytest.param("MedicationStatement", {"status": "active"} | NOWHERE, True, id="of a statement"),
        pytest.param("MedicationRequest", ORDER, True, id="no drug at all"),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": {"coding": [{"system": "urn:local", "code": "77"}]}},
            True,
            id="a code nobody knows, without a name",
        ),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": {"text": "levothyroxine"}},
            False,
            id="another drug",
        ),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": coded(RXNORM, "5640")},
            False,
            id="a code of ours without a name",
        ),
        pytest.param("MedicationRequest", ORDER | NOWHERE | {"intent": "plan"}, False, id="planned only"),
        pytest.param("MedicationStatement", {"status": "completed"} | NOWHERE, False, id="no longer in use"),
    ],
)
def test_a_drug_in_use_of_which_nothing_says_what_it_is_is_named(
    kind: str, members: dict[str, Any], is_named: bool
) -> None:
    key = {"MedicationRequest": "medicationRequests", "MedicationStatement": "medicationStatements"}[kind]
    order = KeyData(DataState.OK, (resource(kind, **members),))
    case = built(conditions=[pain()], keys={key: order})
    named = [(item.ref, item.why) for item in case.readability.not_interpretable]
    assert named == ([(f"{kind}/r1", "drug")] if is_named else [])


@pytest.mark.parametrize(
    ("members", "is_named"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"code": {}}, True, id="an empty code"),
        pytest.param({"code": coded("urn:local", "ALG-77")}, True, id="a code of somebody's own"),
        pytest.param({"code": coded(SCT, "91936005")}, True, id="a bare code that is none of ours"),
        pytest.param({"code": coded("urn:local", "ALG-77", "Penicillin")}, False, id="with words"),
        pytest.param({"code": coded("urn:local", "PENICILLIN")}, False, id="a code that is a word"),
        pytest.param({"code": coded(RXNORM, "5640")}, False, id="a code of ours"),
        pytest.param({"reaction": [{"substance": {"text": "Latex"}}, {}]}, False, id="by the substance"),
        pytest.param({"clinicalStatus": {"text": "inactive"}}, False, id="over"),
        pytest.param({"verificationStatus": {"text": "refuted"}}, False, id="refuted"),
    ],
)
def test_an_allergy_of_which_nothing_says_what_it_is_to_is_named(
    members: dict[str, Any], is_named: bool
) -> None:
    entry = KeyData(DataState.OK, (resource("AllergyIntolerance", **members),))
    case = built(conditions=[pain()], keys={"allergies": entry})
    named = [(item.ref, item.why) for item in case.readability.not_interpretable]
    assert named == ([("AllergyIntolerance/r1", "allergy")] if is_named else [])
