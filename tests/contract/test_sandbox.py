"""The public Sandbox from its preflight to its feedback, on its three screens, as a verified client."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import responses
from sqlalchemy import select

from cds_service.config import read_settings
from cds_service.profiles import load_profiles
from cds_service.records.tables import METADATA
from cds_service.security.registry import load_registry
from cds_service.wsgi import assemble
from tests.orders import EMPTY, KEYS, PATIENT, bundle, coded, condition
from tests.sandbox import FEVER, KEYS_URL, NECK_PAIN, ORIGIN, RATING, SNOMED, Sandbox, key_set, tablets, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cds_service.wsgi import Service

SHIPPED = Path(__file__).parents[2] / "deploy/sandbox"
BASE = "http://127.0.0.1:8080"
SERVICES = ("neck-pain-patient-view", "neck-pain-order-select", "neck-pain-order-sign")
AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
IBUPROFEN = tablets("Ibuprofen 800 MG Oral Tablet", "197807")
OXYCODONE = tablets("Oxycodone Hydrochloride 5 MG Oral Tablet", "1049621")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With the shipped registry; the keys at its address are those of the tests."""
    folder = tmp_path_factory.mktemp("sandbox")
    environment = {
        "CDS_BASE_URL": BASE,
        "CDS_CLIENTS": str(SHIPPED / "clients.toml"),
        "CDS_CORS_ORIGINS": ORIGIN,
        "CDS_DATABASE_URL": f"sqlite:///{folder / 'cds.sqlite3'}",
        "CDS_AS_OF": AS_OF.isoformat(),
    }
    found = assemble(read_settings(environment))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as outside:
        outside.get(KEYS_URL, json=key_set())
        found.start()
        yield found
        found.stop()


def chart(onset: str | None = "2026-06-10", **more: Json) -> Json:
    """Every key as the Sandbox delivers it: what was found, or an empty search."""
    pain = condition(NECK_PAIN_CODE, **({"onsetDateTime": onset} if onset else {}))
    if onset is None:
        del pain["onsetDateTime"]
    return {"patient": PATIENT, **dict.fromkeys(KEYS, EMPTY), "conditions": bundle(pain), **more}


NECK_PAIN_CODE = coded(SNOMED, "81680005", "Neck pain")


@pytest.fixture
def tester(service: Service) -> Callable[..., Sandbox]:
    http = service.app.test_client()
    return lambda prefetch=None: Sandbox(http, BASE, chart() if prefetch is None else prefetch)


def topics(answer: Json) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer["cards"]]


def suggestion(answer: Json, label: str) -> Json:
    """The one button whose label begins like this."""
    (found,) = [
        s for card in answer["cards"] for s in card.get("suggestions", ()) if s["label"].startswith(label)
    ]
    return dict(found)


class TestBeforeAnythingIsAsked:
    @pytest.mark.parametrize(
        ("path", "method", "headers"),
        [
            ("/cds-services", "GET", "authorization"),
            *((f"/cds-services/{name}", "POST", "authorization,content-type") for name in SERVICES),
            *((f"/cds-services/{name}/feedback", "POST", "authorization,content-type") for name in SERVICES),
        ],
    )
    def test_its_preflights_are_answered(
        self, tester: Callable[..., Sandbox], path: str, method: str, headers: str
    ) -> None:
        answer = tester().preflight(path, method, headers)
        assert answer.status_code in (200, 204)
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        # By name: a wildcard does not count for Authorization.
        allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
        assert set(headers.split(",")) <= allowed
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert int(answer.headers["Access-Control-Max-Age"]) > 60

    def test_discovery_with_its_token(self, tester: Callable[..., Sandbox]) -> None:
        one = tester()
        answer = one.http.get("/cds-services", headers=one.headers(f"{BASE}/cds-services"))
        assert [s["id"] for s in answer.json["services"]] == list(SERVICES)
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        for one_service in answer.json["services"]:
            for template in one_service["prefetch"].values():
                assert isinstance(template, str)
                names = [pair.partition("=")[0] for pair in template.partition("?")[2].split("&")]
                assert len(names) == len(set(names)), "it would turn AND into OR"
                assert {part.partition("}}")[0].strip() for part in template.split("{{")[1:]} <= {
                    "context.patientId"
                }

    def test_a_token_for_another_address_is_refused_where_the_page_can_read_it(
        self, tester: Callable[..., Sandbox]
    ) -> None:
        one = tester()
        one.base = "http://localhost:8080"
        answer = one.call(SERVICES[0], "patient-view", {})
        assert answer.status_code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN

    def test_an_unsigned_call_is_refused(self, tester: Callable[..., Sandbox]) -> None:
        assert tester().http.post(f"/cds-services/{SERVICES[0]}", json={}).status_code == 401


class TestPatientView:
    def test_opening_a_patient(self, tester: Callable[..., Sandbox]) -> None:
        answer = tester().open_patient()
        assert topics(answer) == ["R27"]
        assert answer["cards"][0]["uuid"], "without it there is no Dismiss"

    def test_nothing_could_be_fetched(self, tester: Callable[..., Sandbox]) -> None:
        # "patient" is required on patient-view.
        one = tester()
        one.prefetch = None
        assert one.call(SERVICES[0], "patient-view", {}).status_code == 412

    def test_the_hook_of_another_screen_is_refused(self, tester: Callable[..., Sandbox]) -> None:
        answer = tester().call(SERVICES[0], "order-select", {})
        assert answer.status_code == 400
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


class TestImaging:
    def test_opening_the_screen(self, tester: Callable[..., Sandbox]) -> None:
        one = tester()
        assert one.imaging()["cards"] == []
        assert one.rating == "no-guidelines-apply"

    def test_a_click_on_the_open_tab_sends_no_drafts(self, tester: Callable[..., Sandbox]) -> None:
        answer = tester().call(SERVICES[1], "order-select", {})
        assert answer.status_code == 400
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN

    @pytest.mark.parametrize(
        ("code", "reasons", "onset", "shown", "rating"),
        [
            ("72141", [NECK_PAIN], "2026-06-10", ["R46"], "not-appropriate"),
            ("72141", [NECK_PAIN], None, ["R46u"], "no-guidelines-apply"),
            ("72141", [NECK_PAIN], "2026-01-10", [], "appropriate"),
            ("72141", [NECK_PAIN, FEVER], "2026-06-10", ["R49"], "appropriate"),
            ("72142", [NECK_PAIN], "2026-06-10", ["R50a"], "not-appropriate"),
            ("72125", [NECK_PAIN], "2026-01-10", ["R52a"], "not-appropriate"),
            ("70551", [NECK_PAIN], "2026-06-10", [], "no-guidelines-apply"),
        ],
    )
    def test_a_study_gets_its_card_and_rating(
        self,
        tester: Callable[..., Sandbox],
        code: str,
        reasons: list[Json],
        onset: str | None,
        shown: list[str],
        rating: str,
    ) -> None:
        one = tester(chart(onset))
        assert topics(one.choose(code, *reasons)) == shown
        assert one.rating == rating

    def test_comfort_care_has_a_rating_too(self, tester: Callable[..., Sandbox]) -> None:
        hospice = condition(coded(SNOMED, "385763009", "Hospice care"), "c9")
        care = condition(coded("http://hl7.org/fhir/sid/icd-10-cm", "Z51.5", "Palliative care"), "c8")
        one = tester(chart(conditions=bundle(condition(NECK_PAIN_CODE), hospice, care)))
        assert one.choose("72141", NECK_PAIN)["cards"] == []
        assert one.rating == "no-guidelines-apply"

    def test_leaving_the_study_out_empties_the_screen(self, tester: Callable[..., Sandbox]) -> None:
        one = tester()
        answer = one.choose("72141", NECK_PAIN)
        after = one.accept_imaging(suggestion(answer, "Remove the order"))
        assert after is not None
        assert after["cards"] == []
        assert (one.study, one.reasons, one.rating) == ({}, [NECK_PAIN], "no-guidelines-apply")

    def test_physical_therapy_in_its_place(self, tester: Callable[..., Sandbox]) -> None:
        one = tester()
        answer = one.choose("72141", NECK_PAIN)
        after = one.accept_imaging(suggestion(answer, "Instead:"))
        assert after is not None
        assert after["cards"] == []
        assert (one.study["code"], one.rating) == ("444831000124102", "no-guidelines-apply")
        assert one.study["display"], "without it the order would be invisible"

    def test_contrast_left_out(self, tester: Callable[..., Sandbox]) -> None:
        one = tester(chart("2026-01-10"))
        answer = one.choose("72156", NECK_PAIN)
        after = one.accept_imaging(suggestion(answer, "Change to MRI without contrast"))
        assert after is not None
        assert after["cards"] == []
        assert (one.study["code"], one.study["system"], one.rating) == (
            "72141",
            "http://www.ama-assn.org/go/cpt",
            "appropriate",
        )

    def test_an_mri_in_place_of_a_ct(self, tester: Callable[..., Sandbox]) -> None:
        one = tester(chart("2026-01-10"))
        answer = one.choose("72125", NECK_PAIN)
        after = one.accept_imaging(suggestion(answer, "Instead:"))
        assert after is not None
        assert after["cards"] == []
        assert (one.study["code"], one.reasons, one.rating) == ("72141", [NECK_PAIN], "appropriate")

    def test_no_button_throws_and_every_rating_is_the_one_that_follows(
        self, tester: Callable[..., Sandbox]
    ) -> None:
        for onset in ("2026-06-10", "2026-04-28", "2026-01-10", None):
            for code in ("72141", "72142", "72156", "72125", "72126", "72132"):
                for reasons in ([NECK_PAIN], [NECK_PAIN, FEVER], []):
                    one = tester(chart(onset))
                    answer = one.choose(code, *reasons)
                    for card in answer["cards"]:
                        for offered in card.get("suggestions", ()):
                            one.choose(code, *reasons)
                            promised = [
                                e["valueCodeableConcept"]["coding"][0]["code"]
                                for action in offered["actions"]
                                if action["type"] == "update"
                                for e in action["resource"]["extension"]
                                if e["url"] == RATING
                            ]
                            if one.accept_imaging(offered) is not None:
                                assert promised == [one.rating], (onset, code, offered["label"])


class TestPrescribing:
    def test_opening_the_screen(self, tester: Callable[..., Sandbox]) -> None:
        assert tester().prescribing(None)["cards"] == []

    def test_what_speaks_against_nothing_is_silent(self, tester: Callable[..., Sandbox]) -> None:
        assert tester().prescribing(tablets("Ibuprofen 400 MG Oral Tablet", "197805"))["cards"] == []

    def test_a_suggestion_clears_the_drug(self, tester: Callable[..., Sandbox]) -> None:
        (card,) = tester().prescribing(OXYCODONE)["cards"]
        assert card["source"]["topic"]["code"] == "R56"
        # Of the actions the first that can be applied wins: a delete clears the drug.
        firsts = {s["actions"][0]["type"]: s for s in card["suggestions"]}
        assert firsts["delete"]["actions"][0]["resourceId"] == "MedicationRequest/request-123"

    def test_a_drug_it_can_take_over(self, tester: Callable[..., Sandbox]) -> None:
        for card in tester().prescribing(OXYCODONE)["cards"]:
            for offered in card["suggestions"]:
                for action in offered["actions"]:
                    drug = action.get("resource", {}).get("medicationCodeableConcept")
                    assert drug is None or (drug["text"] and drug["coding"][0]["code"])

    def test_signing_judges_the_dose(self, tester: Callable[..., Sandbox]) -> None:
        answer = tester().prescribing(IBUPROFEN, "order-sign", **taken(3, 2))
        assert [(t, c["indicator"]) for t, c in zip(topics(answer), answer["cards"], strict=True)] == [
            ("R54", "critical")
        ]

    def test_a_reason_that_is_an_object_is_read(self, tester: Callable[..., Sandbox]) -> None:
        reason = {
            "coding": [{"system": SNOMED, "code": "81680005", "display": "Neck pain"}],
            "text": "Neck pain",
        }
        answer = tester(chart(conditions=EMPTY)).prescribing(
            IBUPROFEN, "order-sign", reasonCode=reason, **taken(3, 2)
        )
        assert topics(answer) == ["R54"]


class TestFeedback:
    def test_accepted_and_overridden_are_kept(self, tester: Callable[..., Sandbox], service: Service) -> None:
        one = tester()
        (card,) = one.choose("72141", NECK_PAIN)["cards"]
        when = "2026-06-15T12:00:00.000Z"
        accepted = {
            "card": card["uuid"],
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
            "outcomeTimestamp": when,
        }
        why = card["overrideReasons"][0]
        overridden = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": when,
            "overrideReason": {"reason": {"code": why["code"], "system": why["system"]}},
        }
        plain = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": "2026-06-15T12:00:01.000Z",
        }
        for item in (accepted, accepted, overridden, plain):
            answer = one.feedback(SERVICES[1], item)
            assert (answer.status_code, answer.json) == (200, {"received": 1})
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        table = METADATA.tables["feedback"]
        with service.recorder.store().engine.connect() as connection:
            kept = connection.execute(
                select(table.c.outcome, table.c.reason).where(table.c.card_uuid == card["uuid"])
            ).all()
        assert sorted(kept, key=str) == sorted(
            [("accepted", None), ("overridden", why["code"]), ("overridden", None)], key=str
        )


class TestWhatIsShipped:
    def test_the_registry_and_the_profile_can_be_read(self) -> None:
        registry = load_registry(SHIPPED / "clients.toml", is_production=False)
        own = load_profiles(SHIPPED / "profile.toml", ()).default
        registered = load_profiles(None, (), registry.profiles).of(ORIGIN)
        assert own == registered
        assert (own.rates_orders, own.changes_orders_in_place) == (True, True)

    def test_without_the_profile_nothing_is_changed_in_place(self) -> None:
        assert not load_profiles(None, ()).default.changes_orders_in_place
