"""Condition: status, verification, negation, site, onset."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.fhir_mapping.condition import statement
from cds_service.pathway.vocabulary import Presence, Side, Site
from tests.mapping import ICD, SCT, coded, context, resource

if TYPE_CHECKING:
    from cds_service.pathway.facts import Statement

NECK = coded(SCT, "81680005", "Neck pain (finding)")
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def said(**members: Any) -> Statement | None:
    return statement(resource("Condition", **({"code": NECK} | members)), context())


def stated(**members: Any) -> Statement:
    found = said(**members)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("verification", "presence"),
    [
        pytest.param("confirmed", Presence.PRESENT, id="confirmed"),
        pytest.param("provisional", Presence.SUSPECTED, id="provisional"),
        pytest.param("differential", Presence.SUSPECTED, id="differential"),
        pytest.param("unconfirmed", Presence.SUSPECTED, id="unconfirmed"),
        pytest.param("refuted", Presence.ABSENT, id="refuted"),
    ],
)
def test_verification_decides_what_is_said(verification: str, presence: Presence) -> None:
    assert stated(verificationStatus=coded(VERIFICATION, verification)).presence is presence


def test_entered_in_error_is_not_read_at_all() -> None:
    assert said(verificationStatus=coded(VERIFICATION, "entered-in-error")) is None
    assert said(verificationStatus={"text": "Entered in Error"}) is None


@pytest.mark.parametrize(
    ("members", "active"),
    [
        pytest.param({"clinicalStatus": coded(CLINICAL, "active")}, True, id="active"),
        pytest.param({"clinicalStatus": coded(CLINICAL, "relapse")}, True, id="relapse"),
        pytest.param({"clinicalStatus": coded(CLINICAL, "remission")}, False, id="remission"),
        pytest.param({"clinicalStatus": {"text": "Resolved"}}, False, id="status as text"),
        pytest.param({"clinicalStatus": {}}, True, id="empty status, no end"),
        pytest.param({}, True, id="no status, no end"),
        pytest.param({"abatementDateTime": "2026-06-01"}, False, id="no status, ended"),
        pytest.param({"abatementDateTime": "2026-07-01"}, True, id="ends in the future"),
        pytest.param({"abatementString": "last spring"}, False, id="ended in words"),
        pytest.param({"abatementAge": {"value": 49, "code": "a"}}, False, id="ended at an age"),
        pytest.param(
            {"abatementRange": {"high": {"value": 48, "code": "a"}}}, False, id="ended at an age range"
        ),
        pytest.param({"abatementPeriod": {"end": "2026-05-01"}}, False, id="ended with a period"),
    ],
)
def test_active_is_the_status_or_the_lack_of_an_end(members: dict[str, Any], active: bool) -> None:
    assert stated(**members).is_active is active


@pytest.mark.parametrize(
    ("members", "onset"),
    [
        pytest.param({"onsetDateTime": "2026-06-01"}, date(2026, 6, 1), id="date"),
        pytest.param({"onsetPeriod": {"start": "2026-05-01"}}, date(2026, 5, 1), id="period"),
        pytest.param({"onsetAge": {"value": 49, "code": "a"}}, date(2026, 2, 28), id="age"),
        pytest.param({"onsetRange": {"low": {"value": 49, "code": "a"}}}, date(2026, 2, 28), id="range"),
        pytest.param(
            {"onsetDateTime": "2026-07-01", "onsetPeriod": {"start": "2026-05-01"}},
            date(2026, 5, 1),
            id="future",
        ),
    ],
)
def test_onset_sources_in_their_order(members: dict[str, Any], onset: date) -> None:
    found = stated(**members).onset
    assert found is not None
    assert found.on == onset


def test_onset_in_words_is_kept_and_not_parsed() -> None:
    found = stated(onsetString="two weeks ago")
    assert (found.onset, found.onset_text) == (None, "two weeks ago")


def test_a_refutation_without_a_date_is_dated_by_the_last_change() -> None:
    meta = {"lastUpdated": "2026-06-10T00:00:00Z"}
    refuted = stated(verificationStatus=coded(VERIFICATION, "refuted"), meta=meta).recorded
    assert refuted is not None
    assert refuted.on == date(2026, 6, 10)
    assert stated(meta=meta).recorded is None


def test_sites_sides_levels_and_qualities_come_from_words() -> None:
    found = stated(
        code=coded(
            ICD, "M54.12", "Radiculopathy, cervical region", "Sudden stabbing pain, left C6-7, refractory"
        ),
        bodySite=[{"text": "Left arm"}],
    )
    assert found.sites == {Site.NECK, Site.ARM}
    assert found.side is Side.LEFT
    assert found.levels == {"C6-7"}
    assert found.qualities == {"sudden", "stabbing", "intractable"}


def test_headache_qualifies_with_an_occipital_site_only() -> None:
    headache = coded(ICD, "R51.9", "Headache, unspecified")
    assert "presenting/occipital-headache" in stated(code=headache, bodySite=[{"text": "occipital"}]).concepts
    assert not any(c.startswith("presenting/") for c in stated(code=headache).concepts)


def test_a_spasm_of_no_stated_muscle_needs_the_neck() -> None:
    spasm = coded(ICD, "M62.838", "Other muscle spasm")
    assert "presenting/neck-muscle-spasm" not in stated(code=spasm).concepts
    assert "presenting/neck-muscle-spasm" in stated(code=spasm, bodySite=[{"text": "neck"}]).concepts
    of_neck = coded(SCT, "95418008", "Muscle spasms of head AND/OR neck (disorder)")
    assert "presenting/neck-muscle-spasm" in stated(code={"coding": of_neck["coding"]}).concepts
    by_text = {"text": "spasm of neck muscles"}
    assert "presenting/neck-muscle-spasm" in stated(code=by_text).concepts


@pytest.mark.parametrize(
    "text",
    [
        "no neck pain",
        "Neck pain?",
        "r/o neck pain",
        "rule out neck pain",
        "denies neck pain",
        "mother has neck pain",
    ],
)
def test_a_text_that_denies_or_doubts_is_not_read(text: str) -> None:
    assert said(code={"text": text}) is None


def test_suspicion_in_words_is_suspicion() -> None:
    found = stated(code={"text": "Suspected lung cancer"})
    assert (found.presence, found.is_text_only) == (Presence.SUSPECTED, True)


def test_codes_without_a_system_are_read_by_their_words() -> None:
    assert stated(code={"coding": [{"code": "M54.2", "display": "Cervicalgia"}]}).is_text_only
    assert said(code={"coding": [{"code": "M54.2"}]}) is None


def test_the_encounter_of_the_call_marks_a_reason_for_the_visit() -> None:
    assert stated(encounter={"reference": "Encounter/e1"}).is_current_encounter
    assert not stated(encounter={"reference": "Encounter/other"}).is_current_encounter
    assert stated(encounter={}).encounters == frozenset()
    assert not statement(resource("Condition", code=NECK), context(encounter_id=None)).is_current_encounter  # type: ignore[union-attr]


def test_what_names_nothing_of_ours_says_nothing() -> None:
    assert said(code={"text": "Ingrowing toenail"}) is None
    assert statement(resource("Condition"), context()) is None


def beside(own: str, system: str, code: str) -> dict[str, Any]:
    """A status of FHIR beside a client's own, which comes first."""
    return {"coding": [{"system": "urn:local", "code": own}, {"system": system, "code": code}]}


@pytest.mark.parametrize(
    ("clinical", "is_active"),
    [
        pytest.param(beside("1", CLINICAL, "active"), True, id="active beside a code of the client"),
        pytest.param(beside("active-problem", CLINICAL, "resolved"), False, id="resolved beside one"),
        pytest.param({"coding": [{"code": "X"}], "text": "Resolved"}, False, id="words beside a code"),
        pytest.param({"coding": [{"code": "X", "display": "Inactive"}]}, False, id="a display"),
        pytest.param({"coding": [{"code": "unknown"}]}, True, id="no status of FHIR: as if none"),
    ],
)
def test_the_status_of_fhir_counts_wherever_it_stands(clinical: dict[str, Any], is_active: bool) -> None:
    assert stated(clinicalStatus=clinical).is_active is is_active


def test_the_verification_of_fhir_counts_wherever_it_stands() -> None:
    assert stated(verificationStatus=beside("V", VERIFICATION, "refuted")).presence is Presence.ABSENT
    assert said(verificationStatus=beside("V", VERIFICATION, "entered-in-error")) is None
