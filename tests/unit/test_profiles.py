"""Client profiles: the strict loader, and what each setting changes in the answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.advise import Knowledge
from cds_service.app import create_app
from cds_service.cards.options import ClientProfile, Orderable
from cds_service.config import Settings, read_settings
from cds_service.errors import ProfileError, SettingsError
from cds_service.hooks.endpoints import Endpoints
from cds_service.profiles import ORDERABLE_KINDS, Profiles, load_profiles
from cds_service.protocol.self_check import check_response
from cds_service.wsgi import advisor, load_knowledge
from tests.orders import (
    CONTRAST_MRI,
    CPT,
    MRI,
    NECK_PAIN,
    SNOMED,
    answer,
    bundle,
    coded,
    condition,
    prefetch,
    prescription,
    request,
    service,
)
from tests.service import AS_OF, knowledge

if TYPE_CHECKING:
    from pathlib import Path

RULES = ("R46", "R49", "S8")
RATING = "http://fhir.org/argonaut/Extension/pama-rating"
LOCAL = Orderable("urn:site:orderables", "PT-1", "Physiotherapy, our department")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "clients.toml"
    path.write_text(text, encoding="utf-8")
    return path


def client_with(**settings: Any) -> Any:
    """A service whose clients all have this profile."""
    own = Knowledge(knowledge().guideline, knowledge().terminology, Profiles(ClientProfile(**settings)))
    at_noon = Settings(as_of=datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC))
    return create_app(Endpoints(advisor(own, at_noon), at_noon.max_body_bytes)).test_client()


class TestTheFile:
    def test_without_one_every_client_can_do_what_the_specification_allows(self) -> None:
        profiles = load_profiles(None, RULES)
        assert profiles.of("") == profiles.of("https://ehr.example.org") == ClientProfile()

    def test_a_client_inherits_what_it_does_not_say(self, tmp_path: Path) -> None:
        path = written(
            tmp_path,
            """
            [default]
            max_cards = 2
            intent = "proposal"
            [client."https://epic.example.org"]
            selection_behaviors = ["any"]
            one_action_per_suggestion = true
            rates_orders = true
            has_explanation = false
            is_silent = true
            updates_recorded_orders = false
            creates = ["ServiceRequest"]
            muted_rules = ["R46"]
            max_cards = 1
            [client."https://epic.example.org".orderables.physical-therapy]
            system = "urn:site:orderables"
            code = "PT-1"
            display = "Physiotherapy, our department"
            """,
        )
        profiles = load_profiles(path, RULES)
        assert profiles.of("another") == ClientProfile(max_cards=2, intent="proposal")
        assert profiles.of("https://epic.example.org") == ClientProfile(
            selection_behaviors=("any",),
            one_action_per_suggestion=True,
            rates_orders=True,
            has_explanation=False,
            intent="proposal",
            orderables={"physical-therapy": LOCAL},
            is_silent=True,
            max_cards=1,
            muted_rules=frozenset({"R46"}),
            updates_recorded_orders=False,
            creates=("ServiceRequest",),
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[defaults]", "there is no setting 'defaults'; did you mean 'default'?"),
            ("[default]\nmax_card = 1", "default: there is no setting 'max_card'; did you mean 'max_cards'?"),
            ("[client.x]\nxyz = 1", "client \"x\": there is no setting 'xyz'; known: selection_behaviors"),
            ("default = 1", "default: expected a table"),
            ("client = 1", "client: expected a table"),
            ("[client]\nx = 1", 'client "x": expected a table'),
            ("[default]\nmax_cards = 0", "max_cards: expected a number from 1 on"),
            ("[default]\nmax_cards = true", "max_cards: expected a number from 1 on"),
            ('[default]\nintent = "plan"', "intent: expected one of order, proposal"),
            ('[default]\nis_silent = "yes"', "is_silent: expected true or false"),
            ("[default]\nselection_behaviors = []", "expected a list out of any, at-most-one"),
            ('[default]\ncreates = ["Task"]', "out of Appointment, MedicationRequest, ServiceRequest"),
            ('[default]\nselection_behaviors = "any"', "expected a list out of any, at-most-one"),
            ('[default]\nselection_behaviors = ["all"]', "expected a list out of any, at-most-one"),
            ("[default]\nmuted_rules = 1", "muted_rules: expected a list of rule ids"),
            ("[default]\nmuted_rules = [1]", "muted_rules: expected a list of rule ids"),
            ('[default]\nmuted_rules = ["R99"]', "muted_rules: there is no rule 'R99'"),
            ("[default]\norderables = 1", "orderables: expected a table"),
            ("[default.orderables]\nmrt = 1", "orderables: there is no setting 'mrt'; did you mean 'mri'?"),
            ("[default.orderables]\nmri = 1", "orderables, mri: expected a table"),
            ('[default.orderables.mri]\nsystem = "x"\ncode = "y"', "'display' is not"),
            ('[default.orderables.mri]\nsystem = "x"\ncode = " "', "'code' is not"),
            ('[default.orderables.mri]\ncodes = "x"', "there is no setting 'codes'"),
            ("[default", "clients.toml:"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(ProfileError) as raised:
            load_profiles(written(tmp_path, text), RULES)
        assert said in str(raised.value)

    def test_its_setting_names_a_file_that_is_there(self, tmp_path: Path) -> None:
        path = written(tmp_path, "[default]\nis_silent = true")
        settings = read_settings({"CDS_CLIENT_PROFILES": str(path)})
        assert load_knowledge(settings).profiles.of("").is_silent
        with pytest.raises(SettingsError, match="there is no such file"):
            read_settings({"CDS_CLIENT_PROFILES": str(tmp_path / "none.toml")})


class TestWhatASettingChanges:
    def test_one_action_a_suggestion_and_any_of_them(self) -> None:
        epic = client_with(selection_behaviors=("any",), one_action_per_suggestion=True)
        body = request(service())
        got = answer(body, epic)
        (card,) = got["cards"]
        kinds = [[action["type"] for action in s["actions"]] for s in card["suggestions"]]
        assert kinds == [["delete"], ["create"], ["create"], ["create"]]
        assert all(s["isRecommended"] for s in card["suggestions"])
        assert card["selectionBehavior"] == "any"
        assert (
            check_response(
                got, "order-select", [service()], body["context"]["selections"], behaviours={"any"}
            )
            == []
        )

    def test_at_most_one_alone_leaves_one_recommended(self) -> None:
        old = client_with(selection_behaviors=("at-most-one",), one_action_per_suggestion=True)
        (card,) = answer(request(service()), old)["cards"]
        assert card["selectionBehavior"] == "at-most-one"
        assert [s.get("isRecommended", False) for s in card["suggestions"]] == [True, False, False, False]

    def test_what_a_client_cannot_create_is_said_in_words(self) -> None:
        epic = client_with(creates=("MedicationRequest", "ServiceRequest"))
        body = request(service())
        (card,) = answer(body, epic)["cards"]
        created = [a["resource"] for s in card["suggestions"] for a in s["actions"] if a["type"] == "create"]
        assert {resource["resourceType"] for resource in created} == {"MedicationRequest", "ServiceRequest"}
        assert "Not drafted from this card, to be arranged: Follow-up visit at 4-6 weeks." in card["detail"]
        (usual,) = answer(body, client_with())["cards"]
        assert "Not drafted" not in usual["detail"]

    def test_a_replacement_the_client_cannot_create_is_a_deletion_once(self) -> None:
        (card,) = answer(request(service()), client_with(creates=("Appointment",)))["cards"]
        kinds = [[action["type"] for action in s["actions"]] for s in card["suggestions"]]
        assert kinds == [["delete", "create"], ["delete"]]
        visit = {
            "resourceType": "Appointment",
            "id": "visit",
            "status": "booked",
            "start": f"{AS_OF + timedelta(days=14)}T09:00:00Z",
            "participant": [{"actor": {"reference": "Patient/p-1"}, "status": "accepted"}],
        }
        chart = prefetch(conditions=bundle(condition()), appointments=bundle(visit))
        (card,) = answer(request(service(), prefetch=chart), client_with(creates=("Appointment",)))["cards"]
        (only,) = card["suggestions"]
        assert [action["type"] for action in only["actions"]] == ["delete"]
        assert only["isRecommended"]
        assert "to be arranged: Physical therapy and Ibuprofen 400 mg as needed." in card["detail"]

    def test_intent_and_explanation(self) -> None:
        (card,) = answer(request(service()), client_with(intent="proposal", has_explanation=False))["cards"]
        assert "extension" not in card
        created = [a["resource"] for s in card["suggestions"] for a in s["actions"] if a["type"] == "create"]
        assert {r["intent"] for r in created if "intent" in r} == {"proposal"}

    def test_everything_that_is_suggested_can_have_the_clients_own_code(self) -> None:
        own = {kind: Orderable("urn:site", kind.upper(), f"Our {kind}") for kind in ORDERABLE_KINDS}
        ehr = client_with(orderables=own)
        (card,) = answer(request(service()), ehr)["cards"]
        created = [a["resource"] for a in card["suggestions"][0]["actions"] if a["type"] == "create"]
        concepts = [r.get("code") or r.get("medicationCodeableConcept") for r in created]
        first = [c["coding"][0]["code"] for c in concepts if c]
        assert first == ["PHYSICAL-THERAPY", "IBUPROFEN"]
        assert all(len(c["coding"]) == 2 for c in concepts if c), "the standard code stands beside it"
        chart = prefetch(conditions=bundle(condition(onsetDateTime="2026-01-01")))
        (card,) = answer(request(service(CONTRAST_MRI), prefetch=chart), ehr)["cards"]
        (action,) = card["suggestions"][0]["actions"]
        assert action["resource"]["code"]["coding"][0]["code"] == "MRI"

    def test_a_silent_client_is_shown_nothing_and_everything_is_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO", "cds_service")
        assert answer(request(service()), client_with(is_silent=True, rates_orders=True)) == {"cards": []}
        fields = vars(caplog.records[-1])["fields"]
        assert (fields["rules"], fields["cards"], fields["silent"]) == (["R46"], 0, True)

    def test_fewer_cards_and_never_more(self) -> None:
        drafts = [service(), service(coded(CPT, "72125"), "d2"), service(coded(CPT, "72040"), "d3")]
        drafts.append(service(coded(SNOMED, "308482002"), "d4"))
        assert len(answer(request(*drafts), client_with(max_cards=1))["cards"]) == 1
        assert len(answer(request(*drafts), client_with(max_cards=9))["cards"]) == 3

    def test_a_muted_rule_makes_room_for_others(self) -> None:
        assert answer(request(service()), client_with(muted_rules=frozenset({"R46"})))["cards"] == []
        opened = {"hook": "patient-view"}
        shown = answer(request(service()) | opened, client_with(muted_rules=frozenset({"R27"})))
        assert shown["cards"] == []

    def test_an_order_in_the_record_may_be_left_alone(self) -> None:
        fever = condition(coded(SNOMED, "386661006"), "c2", onsetDateTime="2026-06-14")
        ordered = service(MRI, "o1", status="active", priority="routine", authoredOn="2026-06-10")
        chart = prefetch(conditions=bundle(condition(), fever), serviceRequests=bundle(ordered))
        body = request(service(), prefetch=chart) | {"hook": "patient-view"}
        (card,) = answer(body)["cards"]
        assert card["suggestions"][0]["actions"][0]["type"] == "update"
        (card,) = answer(body, client_with(updates_recorded_orders=False))["cards"]
        assert not {"suggestions", "selectionBehavior"} & card.keys()


class TestRating:
    def rated(self, *drafts: dict[str, Any], **changes: Any) -> list[str]:
        body = request(*drafts, **changes)
        got = answer(body, client_with(rates_orders=True))
        actions = got.get("systemActions", [])
        assert got.get("extension", {}).get("systemActions", []) == actions
        assert (
            check_response(
                got, "order-select", drafts, body["context"]["selections"], has_system_actions=True
            )
            == []
        )
        return [_rating(action["resource"]) for action in actions]

    def test_it_is_off_by_default(self) -> None:
        assert "systemActions" not in answer(request(service()))

    @pytest.mark.parametrize(
        ("code", "since", "expected"),
        [
            (MRI, "2026-06-05", ["not-appropriate"]),
            (MRI, "2026-01-05", ["appropriate"]),
            (CONTRAST_MRI, "2026-01-05", ["not-appropriate"]),
            (coded(CPT, "72125"), "2026-06-05", ["not-appropriate"]),
            (coded(CPT, "72040"), "2026-06-05", []),
            (coded(CPT, "97110"), "2026-06-05", []),
            (coded(CPT, "70551"), "2026-06-05", ["no-guidelines-apply"]),
            ({"coding": [{}]}, "2026-06-05", ["no-guidelines-apply"]),
            (MRI, None, ["no-guidelines-apply"]),
        ],
        ids=["early", "late", "contrast", "CT", "X-ray", "exercise", "unknown", "empty", "no onset"],
    )
    def test_each_imaging_order_is_rated(self, code: Any, since: str | None, expected: list[str]) -> None:
        dated = {} if since is None else {"onsetDateTime": since}
        entry = condition()
        del entry["onsetDateTime"]
        assert self.rated(service(code), prefetch=prefetch(conditions=bundle(entry | dated))) == expected

    def test_what_was_not_evaluated_has_no_rating_but_that(self) -> None:
        assert self.rated(service(), prefetch=prefetch()) == ["no-guidelines-apply"]
        assert self.rated(service(), prefetch=...) == ["no-guidelines-apply"]
        assert self.rated(prescription()) == []

    def test_a_red_flag_makes_the_order_appropriate_whatever_its_priority(self) -> None:
        fever = condition(coded(SNOMED, "386661006"), "c2", onsetDateTime="2026-06-14")
        chart = prefetch(conditions=bundle(condition(), fever))
        assert self.rated(service(), prefetch=chart) == ["appropriate"]

    def test_other_extensions_stay_and_an_old_rating_goes(self) -> None:
        other = {"url": "urn:x", "valueString": "kept"}
        old = {"url": RATING, "valueCodeableConcept": {"coding": [{"code": "unknown"}]}}
        draft = service(extension=[old, other], reasonCode=[NECK_PAIN])
        got = answer(request(draft), client_with(rates_orders=True))
        (action,) = got["systemActions"]
        assert action["resource"]["extension"][0] == other
        assert len(action["resource"]["extension"]) == 2
        assert {k: v for k, v in action["resource"].items() if k != "extension"} == {
            k: v for k, v in draft.items() if k != "extension"
        }
        ServiceRequest.model_validate(action["resource"])

    @pytest.mark.parametrize("draft", [service(number=...), service(extension={"url": "x"})])
    def test_an_order_that_cannot_carry_it_is_left_alone(self, draft: dict[str, Any]) -> None:
        body = request(draft, hook="order-sign")
        assert "systemActions" not in answer(body, client_with(rates_orders=True))

    def test_muting_a_card_does_not_change_the_rating(self) -> None:
        both = client_with(rates_orders=True, muted_rules=frozenset({"R46"}))
        got = answer(request(service()), both)
        assert (got["cards"], _rating(got["systemActions"][0]["resource"])) == ([], "not-appropriate")


def _rating(order: dict[str, Any]) -> str:
    (found,) = [e for e in order["extension"] if e["url"] == RATING]
    code: str = found["valueCodeableConcept"]["coding"][0]["code"]
    return code


class TestWithARegistry:
    def test_a_section_of_the_registry_inherits_the_default_of_the_file(self, tmp_path: Path) -> None:
        path = written(tmp_path, "[default]\nmax_cards = 2\n")
        profiles = load_profiles(
            path, RULES, {"https://a.example": {"is_silent": True}, "https://b.example": None}
        )
        assert profiles.of("https://a.example") == ClientProfile(max_cards=2, is_silent=True)
        assert profiles.of("https://b.example") == profiles.default == ClientProfile(max_cards=2)

    def test_without_a_file_the_registry_is_enough(self) -> None:
        profiles = load_profiles(None, RULES, {"https://a.example": {"muted_rules": ["R46"]}})
        assert profiles.of("https://a.example").muted_rules == {"R46"}

    @pytest.mark.parametrize(
        ("registered", "message"),
        [
            (
                {"https://b.example": None},
                'clients.toml, client "https://a.example": the registry has no client',
            ),
            ({"https://a.example": {}}, "the registry has a profile of this client too"),
            (
                {"https://a.example": None, "https://c.example": {"max_card": 1}},
                'profile of "https://c.example"',
            ),
        ],
        ids=["an issuer nobody registered", "said twice", "a misspelt member in the registry"],
    )
    def test_what_cannot_be_meant_stops_the_start(
        self, tmp_path: Path, registered: dict[str, Any], message: str
    ) -> None:
        path = written(tmp_path, '[client."https://a.example"]\nis_silent = true\n')
        with pytest.raises(ProfileError, match=re.escape(message)):
            load_profiles(path, RULES, registered)
