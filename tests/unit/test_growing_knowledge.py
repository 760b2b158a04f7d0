"""A terminology server adds codes; whatever goes wrong, none of ours is lost and it is seen."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from msgspec.structs import replace

from cds_service.config import Settings, read_settings
from cds_service.errors import SettingsError
from cds_service.growing_knowledge import GrowingKnowledge
from cds_service.wsgi import application
from tests.fhir_server import Asked, Reply, as_json, fhir_server, outcome
from tests.orders import bundle, coded, condition, prefetch, request
from tests.service import knowledge as whole_knowledge

if TYPE_CHECKING:
    from collections.abc import Callable

FEVER = "red-flag--fever"
DAY = datetime(2026, 6, 15, 12, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
# A code of the tests' own making: no set of ours has it.
NEW = {"system": SNOMED, "code": "999000001"}


def knowledge() -> Any:
    """All codes of ours, of which two sets are asked for."""
    whole = whole_knowledge()
    labels = {name: whole.terminology.labels[name] for name in ("red-flag/fever", "red-flag/hiv")}
    return replace(whole, terminology=replace(whole.terminology, labels=labels))


def expansion(*contains: dict[str, Any], **members: Any) -> Reply:
    return as_json({"resourceType": "ValueSet", "expansion": {"contains": list(contains), **members}})


def for_fever(reply: Reply, others: Reply) -> Callable[[Asked], Reply]:
    return lambda asked: reply if unquote(asked.params["url"][0]).endswith(FEVER) else others


def expanded(answers: Callable[[Asked], Reply]) -> GrowingKnowledge:
    with fhir_server(answers) as server:
        growing = GrowingKnowledge(knowledge(), Settings(terminology_server=server.base))
        growing.expand()
        assert all(asked.path == "/fhir/ValueSet/$expand" for asked in server.asked)
        assert all("Authorization" not in asked.headers for asked in server.asked)
    return growing


def has_all_of_ours(growing: GrowingKnowledge) -> bool:
    ours, now = knowledge().terminology.index, growing.now().terminology.index
    return all(
        concepts <= now[system][code] for system, codes in ours.items() for code, concepts in codes.items()
    )


def test_codes_of_an_expansion_are_added_and_nothing_of_ours_is_changed() -> None:
    nested = {"system": SNOMED, "code": "999000002"}
    heading = {"system": SNOMED, "code": "999000003", "abstract": True, "contains": [nested]}
    growing = expanded(for_fever(expansion(NEW, heading, total=3), outcome(status=404)))
    codings = growing.now().terminology.codings
    assert codings(SNOMED, "999000001") == {"red-flag/fever"}
    assert codings(SNOMED, "999000002") == {"red-flag/fever"}
    assert not codings(SNOMED, "999000003")
    assert not knowledge().terminology.codings(SNOMED, "999000001"), (
        "requests under way keep what they began with"
    )
    assert has_all_of_ours(growing)
    standing = growing.standing()["terminology_server"]
    assert (standing["failed"], standing["codes_added"], standing["expansions"]["ok"]) == (0, 2, 1)


BAD: dict[str, tuple[Reply, str]] = {
    "an error": (outcome(status=500), "server-error"),
    "an error with status 200": (outcome(), "unexpected"),
    "HTML": (Reply(b"<html>", headers={"Content-Type": "text/html"}), "not-fhir"),
    "half": (Reply(b'{"resourceType":"ValueSet"'), "truncated"),
    "another shape": (as_json({"resourceType": "ValueSet", "expansion": {"contains": "all"}}), "unexpected"),
    "nothing": (expansion(), "empty"),
    "a part": (expansion(total=9), "cut"),
}


@pytest.mark.parametrize(("reply", "why"), BAD.values(), ids=BAD)
def test_a_failed_expansion_is_seen_and_empties_nothing(reply: Reply, why: str) -> None:
    growing = expanded(for_fever(reply, outcome(status=404)))
    assert has_all_of_ours(growing)
    standing = growing.standing()["terminology_server"]
    assert standing["failed"] == 1
    assert standing["expansions"][why] == 1


def test_what_was_added_once_stays_when_the_server_fails_later() -> None:
    with fhir_server(for_fever(expansion(NEW), outcome(status=404))) as server:
        growing = GrowingKnowledge(knowledge(), Settings(terminology_server=server.base))
        growing.expand()
        server.answers = lambda _: outcome(status=401)
        growing.expand()
    assert growing.now().terminology.codings(SNOMED, "999000001") == {"red-flag/fever"}
    assert growing.standing()["terminology_server"]["failed"] == len(knowledge().terminology.labels)


def test_the_service_expands_at_its_start_and_readiness_says_how_it_went() -> None:
    with fhir_server(for_fever(expansion(NEW), outcome(status=404))) as server:
        client: Any = application(Settings(terminology_server=server.base, as_of=DAY)).test_client()
        deadline = time.monotonic() + 30
        while not (seen := client.get("/readyz").json["terminology_server"]["expansions"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert seen["ok"] == 1
    assert client.get("/readyz").status_code == 200
    fever = condition(coded(SNOMED, "999000001"), "c2", onsetDateTime="2026-06-14")
    body = request(prefetch=prefetch(conditions=bundle(condition(), fever)), hook="patient-view")
    (card,) = client.post("/cds-services/neck-pain-patient-view", json=body).json["cards"]
    assert card["summary"] in client.post("/playground", data={"body": json.dumps(body)}).text


def test_without_a_server_readiness_does_not_speak_of_one() -> None:
    client: Any = application(Settings()).test_client()
    assert "terminology_server" not in client.get("/readyz").json


@pytest.mark.parametrize("value", ["ftp://x", "https://a.example, https://b.example"])
def test_a_setting_that_names_no_one_server_stops_the_start(value: str) -> None:
    with pytest.raises(SettingsError, match="CDS_TERMINOLOGY_SERVER"):
        read_settings({"CDS_TERMINOLOGY_SERVER": value})
