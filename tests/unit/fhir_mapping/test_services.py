"""Everything that is done, ordered, planned, reported, booked or warned of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping import (
    allergy_intolerance,
    appointment,
    care_plan,
    device,
    encounter,
    flag,
    imaging_report,
    procedure,
    questionnaire_response,
    service_request,
)
from cds_service.fhir_mapping.goal import map_goal
from cds_service.fhir_mapping.mapped import Mapped
from cds_service.pathway.vocabulary import Course, Criticality, MrLabel, Presence, Side
from tests.builders import statement as fact
from tests.builders import when
from tests.mapping import LOINC, RXNORM, SCT, coded, context, day_of, resource

PT = coded(SCT, "91251008", "Physical therapy procedure (regime/therapy)")
MRI = coded(LOINC, "24935-9", "MR Cervical spine")
NECK = coded(SCT, "81680005", "Neck pain (finding)")
DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"


def did(**members: Any) -> Mapped:
    mapped = Mapped()
    procedure.map_procedure(
        resource("Procedure", **({"status": "completed", "code": PT} | members)), context(), mapped
    )
    return mapped


def test_procedures_done_declined_and_neither() -> None:
    (done,) = did(performedDateTime="2026-06-01", reasonCode=[NECK]).services
    assert (done.status, day_of(done.performed)) == ("done", date(2026, 6, 1))
    (lasting,) = did(performedPeriod={"start": "2026-06-01", "end": "2026-06-03"}).services
    assert day_of(lasting.performed) == date(2026, 6, 3)
    assert did(status="in-progress").services
    declined = did(status="not-done")
    assert (declined.services, [r.is_patients_choice for r in declined.refusals]) == ([], [False])
    (refused,) = did(status="not-done", statusReason={"text": "Refused by the patient"}).refusals
    assert refused.is_patients_choice
    assert did(status="entered-in-error").services == []
    removal = {"text": "Removal of cardiac pacemaker"}
    assert did(code=removal).services
    assert did(code=removal, status="in-progress").services == []
    assert did(status="stopped").services == []
    assert did(status="stopped", code={"text": "Chemotherapy"}).services
    assert did(code={"text": "Dental cleaning"}).services == []


def test_a_referral_to_therapy_recorded_as_done_is_an_open_order() -> None:
    referral = coded(SCT, "444831000124102", "Referral for physical therapy (procedure)")
    (order,) = did(code=referral, performedDateTime="2026-06-01").services
    assert (order.status, day_of(order.authored), order.performed) == ("ordered", date(2026, 6, 1), None)


def test_imaging_done_is_imaging() -> None:
    assert did(code=MRI).imaging[0].kind == "Procedure"
    assert did(code=MRI, status="in-progress").imaging == []
    assert did(code=PT).imaging == []


@pytest.mark.parametrize(
    ("members", "status"),
    [
        pytest.param({"status": "active", "intent": "order"}, "ordered", id="active"),
        pytest.param({"status": "on-hold", "intent": "order"}, "ordered", id="on hold"),
        pytest.param({"status": "active"}, "ordered", id="intent not said"),
        pytest.param({"status": "draft", "intent": "order"}, "draft", id="draft"),
        pytest.param({"status": "active", "intent": "plan"}, "planned", id="plan"),
        pytest.param({"status": "revoked"}, None, id="revoked"),
        pytest.param({"status": "completed"}, None, id="completed"),
        pytest.param({"status": "active", "doNotPerform": True}, None, id="not to be done"),
        pytest.param({"status": "active", "code": {"text": "Urine culture"}}, None, id="none of ours"),
    ],
)
def test_open_orders(members: dict[str, Any], status: str | None) -> None:
    order = service_request.order(resource("ServiceRequest", **({"code": MRI} | members)), context())
    assert (order.status if order else None) == status


def report(**members: Any) -> Any:
    entry = resource("DiagnosticReport", **({"status": "final", "code": MRI} | members))
    return imaging_report.from_report(entry, context())


def test_reports_of_imaging() -> None:
    assert report(status="preliminary") is None
    assert report(code={"text": "Lipid panel"}) is None
    found = report(effectivePeriod={"start": "2026-06-01"}, issued="2026-06-02T10:00:00Z")
    assert (found.performed.on, found.reported.on) == (date(2026, 6, 1), date(2026, 6, 2))


@pytest.mark.parametrize(
    ("conclusion", "findings", "is_equivocal"),
    [
        pytest.param(
            "Left C6-7 foraminal root compression.", {"nerve-root-compression"}, False, id="compression"
        ),
        pytest.param("No nerve root compression.", set(), False, id="denied"),
        pytest.param("Nerve root compression cannot be excluded.", set(), False, id="not excluded"),
        pytest.param("Previously seen C6-7 root compression has resolved.", set(), False, id="resolved"),
        pytest.param("Equivocal for root compression at C6-7.", set(), True, id="equivocal for it"),
        pytest.param("Left L5-S1 nerve root compression.", set(), False, id="of a leg"),
        pytest.param(
            "Root compression at C6-7, none at L5-S1.", {"nerve-root-compression"}, False, id="both named"
        ),
        pytest.param(
            "No fracture. Cervical spondylosis at C5-6.", {"degenerative"}, False, id="one sentence denies"
        ),
        pytest.param("Equivocal study because of motion.", set(), True, id="equivocal"),
        pytest.param("Non-diagnostic.", set(), True, id="non-diagnostic is no denial"),
        pytest.param("Normal study.", set(), False, id="normal"),
        pytest.param(None, set(), False, id="no text"),
    ],
)
def test_conclusions_by_fixed_patterns(
    conclusion: str | None, findings: set[str], is_equivocal: bool
) -> None:
    found = report(conclusion=conclusion)
    assert {f.removeprefix("imaging/finding-") for f in found.findings} == findings
    assert found.is_equivocal is is_equivocal


def test_side_and_level_of_a_compression() -> None:
    found = report(conclusion="Left C6-7 foraminal root compression.")
    assert (found.side, found.levels) == (Side.LEFT, {"C6-7"})
    by_code = report(
        conclusionCode=[coded(SCT, "95671001", "Cervical nerve root compression"), {"text": "equivocal"}]
    )
    assert (by_code.findings, by_code.is_equivocal) == ({"imaging/finding-nerve-root-compression"}, True)


def study(**members: Any) -> Any:
    return imaging_report.from_study(
        resource("ImagingStudy", **({"status": "available"} | members)), context()
    )


def test_studies_without_a_report() -> None:
    mr = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}
    assert study(procedureCode=[MRI], started="2026-06-01").performed.on == date(2026, 6, 1)
    assert study(description="Cervical spine", modality=[mr]).source.text == "MRI Cervical spine"
    assert study(description="cervical spine without contrast", modality=[mr]).concepts == {
        "imaging/mri-cervical-wo"
    }
    assert study(description="MRI cervical spine", series=[{"modality": mr}, {}]).concepts == {
        "imaging/mri-cervical-unspecified"
    }
    assert study(description="cervical spine") is None
    assert study(procedureCode=[MRI], status="cancelled") is None


def test_therapy_in_a_care_plan() -> None:
    def services(**members: Any) -> list[Any]:
        return list(care_plan.services(resource("CarePlan", **({"status": "active"} | members)), context()))

    (planned,) = services(category=[PT])
    assert planned.status == "planned"
    detail = {
        "code": PT,
        "status": "completed",
        "scheduledPeriod": {"start": "2026-06-01", "end": "2026-06-02"},
    }
    plan, session = services(activity=[{"detail": detail}, {}])
    assert (plan.status, session.status, session.performed.on) == ("planned", "done", date(2026, 6, 2))
    assert len(services(activity=[{"detail": {"code": PT, "status": "completed"}}])) == 1
    assert (
        len(
            services(
                activity=[
                    {
                        "detail": {
                            "code": PT,
                            "status": "scheduled",
                            "scheduledPeriod": {"start": "2026-06-01"},
                        }
                    }
                ]
            )
        )
        == 1
    )
    assert services(activity=[{"detail": {"code": PT, "status": "cancelled"}}]) == []
    assert services(activity=[{"detail": {"code": PT, "status": "completed", "doNotPerform": True}}]) == []
    assert services(activity=[{"detail": {"status": "completed"}}]) == []
    assert services(status="revoked", category=[PT]) == []
    assert services() == []


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


def coming(**members: Any) -> Any:
    entry = resource("Appointment", **({"status": "booked", "start": "2026-06-25T09:00:00Z"} | members))
    return appointment.visit(entry, {"Condition/neck"}, context())


def test_visits_to_come() -> None:
    assert coming().concerns_neck
    assert coming(reasonCode=[NECK]).concerns_neck
    assert not coming(reasonCode=[{"text": "Diabetes check"}]).concerns_neck
    assert coming(reasonReference=[{"reference": "Condition/neck"}]).concerns_neck
    assert not coming(reasonReference=[{"reference": "Condition/other"}]).concerns_neck
    assert coming(start=None, requestedPeriod=[{"start": "2026-07-01"}]).on == date(2026, 7, 1)
    assert coming(start="2026-06-01T09:00:00Z") is None
    assert coming(start=None) is None
    assert coming(status="cancelled") is None


def test_fulfilled_therapy_appointments_are_sessions() -> None:
    def session(**members: Any) -> Any:
        usual = {"status": "fulfilled", "start": "2026-06-01T09:00:00Z", "serviceType": [PT]}
        return appointment.session(resource("Appointment", **(usual | members)), context())

    assert session().performed.on == date(2026, 6, 1)
    assert session(status="noshow") is None
    assert session(serviceType=[{"text": "Dentistry"}]) is None


def achieved(**members: Any) -> Mapped:
    mapped = Mapped()
    status = coded("http://terminology.hl7.org/CodeSystem/goal-achievement", "worsening")
    usual = {"lifecycleStatus": "active", "achievementStatus": status, "statusDate": "2026-06-01"}
    map_goal(resource("Goal", **(usual | members)), context(), mapped)
    return mapped


def test_goals_state_a_course_and_an_intention() -> None:
    assert achieved(description={"text": "Relief of neck pain"}).courses[0].course is Course.PROGRESSING
    assert achieved(addresses=[{"reference": "Condition/neck"}]).focused[0].refs == {"Condition/neck"}
    assert achieved(description={"text": "Walk more"}).courses == []
    assert achieved(description={"text": "Relief of neck pain"}, statusDate=None).courses == []
    assert achieved(achievementStatus=None, description={"text": "Lose weight"}).statements[0].concepts == {
        "risk/weight-loss-other-cause"
    }
    assert achieved(lifecycleStatus="rejected", description={"text": "Lose weight"}).statements == []


@pytest.mark.parametrize(
    "text",
    [
        "Prevent further weight loss",
        "No weight loss",
        "Stop unintended weight loss",
        "Regain weight after weight loss",
        "Investigate weight loss",
    ],
)
def test_a_goal_against_losing_weight_is_no_reason_for_it(text: str) -> None:
    assert achieved(achievementStatus=None, description={"text": text}).statements == []


def test_a_plan_to_lose_weight_is_a_reason_for_it() -> None:
    def reason(**members: Any) -> Any:
        usual = {"status": "active", "period": {"start": "2026-03-01"}}
        return care_plan.weight_plan(resource("CarePlan", **(usual | members)), context())

    found = reason(category=[{"text": "Weight management plan"}])
    assert found.concepts == {"risk/weight-loss-other-cause"}
    assert found.recorded.on == date(2026, 3, 1)
    detail = {"code": {"text": "Weight reduction program"}, "status": "in-progress"}
    assert reason(activity=[{"detail": detail}, {}]).source.text == "Weight reduction program"
    assert reason(activity=[{"detail": detail | {"doNotPerform": True}}]) is None
    assert reason(activity=[{"detail": detail | {"status": "cancelled"}}]) is None
    assert reason(category=[{"text": "Weight management plan"}], status="draft") is None
    assert reason(category=[{"text": "Prevention of weight loss"}]) is None
    assert reason(category=[PT]) is None


def test_flags_on_the_chart() -> None:
    def warned(**members: Any) -> Any:
        usual = {"status": "active", "code": {"text": "MRI contraindicated"}}
        return flag.statement(resource("Flag", **(usual | members)), context())

    assert warned().is_active
    assert not warned(status="inactive").is_active
    assert not warned(period={"end": "2026-06-01"}).is_active
    assert warned(status="entered-in-error") is None
    assert warned(code={"text": "Likes tea"}) is None


@pytest.mark.parametrize(
    ("answer", "is_named"),
    [
        pytest.param({"valueString": "now and then"}, True, id="words"),
        pytest.param({"valueCoding": {"system": "urn:local", "code": "7"}}, True, id="a code we do not know"),
        pytest.param({"valueInteger": 3}, True, id="a number"),
        pytest.param({"valueString": "not asked"}, False, id="not asked"),
        pytest.param({"valueCoding": {"display": "Unknown"}}, False, id="unknown"),
        pytest.param({"valueBoolean": False}, False, id="a clear no"),
        pytest.param({}, False, id="no answer"),
    ],
)
def test_an_answer_about_a_red_flag_that_is_not_understood_is_named(
    answer: dict[str, Any], is_named: bool
) -> None:
    def unclear(text: str, status: str = "completed") -> list[str]:
        item = [{"text": text, "answer": [answer]}]
        entry = resource("QuestionnaireResponse", status=status, authored="2026-06-10", item=item)
        return [found.concept for found in questionnaire_response.unclear(entry, context())]

    assert unclear("Night sweats?") == (["red-flag/night-sweats"] if is_named else [])
    assert unclear("Favourite colour?") == []
    assert unclear("Night sweats?", status="in-progress") == []


def test_questionnaires_carry_findings() -> None:
    def answered(*items: dict[str, Any], status: str = "completed") -> list[Any]:
        entry = resource("QuestionnaireResponse", status=status, authored="2026-06-10", item=list(items))
        return list(questionnaire_response.statements(entry, context()))

    question = "Do you have night sweats?"
    (yes,) = answered({"linkId": "1", "text": question, "answer": [{"valueBoolean": True}]})
    assert (yes.presence, yes.concepts) == (Presence.PRESENT, {"red-flag/night-sweats"})
    (no,) = answered(
        {"text": "Group", "item": [{"text": question, "answer": [{"valueCoding": {"display": "No"}}]}]}
    )
    assert no.presence is Presence.ABSENT
    (words,) = answered({"text": question, "answer": [{"valueString": "yes"}]})
    assert words.presence is Presence.PRESENT
    (value,) = answered({"text": "Symptoms", "answer": [{"valueCoding": {"display": "Night sweats"}}]})
    assert value.concepts == {"red-flag/night-sweats"}
    inner = {"text": question, "answer": [{"valueBoolean": True}]}
    (within,) = answered({"text": "Any complaints?", "answer": [{"valueBoolean": True, "item": [inner]}]})
    assert (within.presence, within.concepts) == (Presence.PRESENT, {"red-flag/night-sweats"})
    assert answered({"text": question, "answer": [{"valueInteger": 3}]}) == []
    assert answered({"text": question}) == []
    assert answered({"answer": [{"valueBoolean": True}]}) == []
    assert answered({"text": question, "answer": [{"valueBoolean": True}]}, status="in-progress") == []


@pytest.mark.parametrize(
    ("safety", "label"),
    [
        pytest.param([], None, id="no label"),
        pytest.param(
            [coded("urn:oid:2.16.840.1.113883.3.26.1.1", "C106046")], MrLabel.CONDITIONAL, id="conditional"
        ),
        pytest.param([{"text": "MR Unsafe"}], MrLabel.UNSAFE, id="in words"),
        pytest.param(
            [{"text": "MR Safe"}, coded("urn:x", "C106047")], MrLabel.UNSAFE, id="the more cautious of two"
        ),
        pytest.param([coded("urn:x", "C113844")], None, id="labelling says nothing"),
        *(
            pytest.param([{"text": text}], None, id=text)
            for text in (
                *("Not MR safe", "MR safety unknown", "Not labelled MR safe", "Never MR safe", "MR Safe: no"),
                *("MR safe status not known", "Not MR conditional", "MR Safe?"),
            )
        ),
        pytest.param([{"text": "Not MR Safe, MR Unsafe"}], MrLabel.UNSAFE, id="not safe and unsafe"),
        pytest.param(
            [{"text": "MR Conditional. Do not scan above 1.5 T"}], MrLabel.CONDITIONAL, id="a rule beside it"
        ),
    ],
)
def test_implants_and_their_label(safety: list[dict[str, Any]], label: MrLabel | None) -> None:
    pacemaker = coded(SCT, "14106009", "Cardiac pacemaker, device (physical object)")
    found = device.implant(resource("Device", status="active", type=pacemaker, safety=safety), context())
    assert found is not None
    assert found.label is label


def test_devices_that_do_not_matter() -> None:
    assert (
        device.implant(resource("Device", status="inactive", type={"text": "pacemaker"}), context()) is None
    )
    assert device.implant(resource("Device", status="active", type={"text": "Wheelchair"}), context()) is None
    by_name = device.implant(resource("Device", deviceName=[{"name": "Cochlear implant"}, {}]), context())
    assert by_name is not None
    assert by_name.source.text == "Cochlear implant"


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        pytest.param("Ferromagnetic aneurysm clip", "contraindication-aneurysm-clip", id="clip"),
        pytest.param("Metallic foreign body in the eye", "contraindication-eye-metal", id="metal in the eye"),
        pytest.param("ICD", "contraindication-icd", id="ICD"),
        pytest.param("AICD", "contraindication-icd", id="AICD"),
        pytest.param("S-ICD", "contraindication-icd", id="under the skin"),
        pytest.param("CRT-D", "contraindication-icd", id="resynchronisation with defibrillator"),
        pytest.param("CRT-P", "contraindication-pacemaker", id="resynchronisation, pacemaker"),
        pytest.param("PPM", "contraindication-pacemaker", id="permanent pacemaker"),
        pytest.param("Intrathecal drug pump", "contraindication-pump", id="pump"),
        pytest.param("Insulin pump", "device-possible", id="insulin pump"),
    ],
)
def test_devices_by_their_usual_names(words: str, concept: str) -> None:
    found = device.implant(resource("Device", status="active", type={"text": words}), context())
    assert found is not None
    assert found.concepts == {f"imaging/mri-{concept}"}


@pytest.mark.parametrize("words", ["External defibrillator", "Transcutaneous electrical nerve stimulator"])
def test_devices_outside_the_body_are_no_implants(words: str) -> None:
    assert device.implant(resource("Device", status="active", type={"text": words}), context()) is None


def allergic(**members: Any) -> Any:
    usual: dict[str, Any] = {"code": coded(RXNORM, "5640", "Ibuprofen")}
    return allergy_intolerance.allergy(resource("AllergyIntolerance", **(usual | members)), context())


@pytest.mark.parametrize(
    ("manifestation", "is_upset"),
    [
        pytest.param({"text": "Nausea and vomiting (disorder)"}, True, id="two complaints of the stomach"),
        pytest.param({"text": "Severe GI upset"}, True, id="severe"),
        pytest.param({"coding": [{"display": "Gastro-intestinal intolerance"}]}, True, id="as a display"),
        pytest.param({"text": "Nausea and hives"}, False, id="hives beside it"),
        pytest.param({"text": "GI upset", "coding": [{"display": "Urticaria"}]}, False, id="hives as code"),
        pytest.param({"text": "Gastrointestinal haemorrhage"}, False, id="haemorrhage"),
        pytest.param({"text": "GI bleeding"}, False, id="bleeding"),
        pytest.param({"text": "Stomach ulcer"}, False, id="ulcer"),
        pytest.param({"text": "Severe reaction"}, False, id="no complaint named"),
        pytest.param({"coding": [{"system": SCT, "code": "422587007"}]}, False, id="without words"),
    ],
)
def test_what_is_no_more_than_an_upset_stomach(manifestation: dict[str, Any], is_upset: bool) -> None:
    found = allergic(reaction=[{"manifestation": [manifestation]}]).reaction
    assert (found is Criticality.ONLY_GASTROINTESTINAL) is is_upset


def test_allergies() -> None:
    assert allergic().reaction is Criticality.OTHER
    upset = [{"manifestation": [{"text": "Nausea"}]}]
    assert allergic(reaction=upset).reaction is Criticality.ONLY_GASTROINTESTINAL
    assert allergic(reaction=[*upset, {"manifestation": [{"text": "Hives"}]}]).reaction is Criticality.OTHER
    by_substance = allergic(code={"text": "Painkiller"}, reaction=[{"substance": {"text": "naproxen"}}])
    assert "nsaid-caution/nsaid-allergy" in by_substance.concepts
    assert allergic(verificationStatus={"text": "refuted"}) is None
    assert allergic(clinicalStatus={"text": "resolved"}) is None
    by_code = allergic(code={"coding": [{"system": "urn:local", "code": "IBUPROFEN"}]})
    assert "nsaid-caution/nsaid-allergy" in by_code.concepts
    other = allergic(code={"text": "Cashew nuts"})
    assert (other.concepts, other.source.text) == (frozenset(), "Cashew nuts")
