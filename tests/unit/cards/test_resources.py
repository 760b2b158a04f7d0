"""Resources of suggestions: as the article says, and never passed on when not valid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.cards import preload
from cds_service.cards.proposals.appointment import appointment
from cds_service.cards.proposals.changes import changed_draft, with_priority
from cds_service.cards.proposals.drafting import Drafting
from cds_service.cards.proposals.validation import checked
from cds_service.cards.rating import with_rating
from cds_service.errors import CardError
from cds_service.pathway.draft_order import Rating
from cds_service.pathway.finding import (
    Proposal,
    ProposalKind,
)
from tests.builders import (
    case,
    service,
    statement,
)
from tests.unit.cards.rendering import GUIDELINE, OPTIONS, WORDS, rendered


def test_the_prescription_is_dosed_as_the_article_says() -> None:
    (card,) = rendered()
    drafts = {
        s["actions"][0]["resource"]["resourceType"]: s["actions"][0]["resource"] for s in card["suggestions"]
    }
    dosage = drafts["MedicationRequest"]["dosageInstruction"][0]
    assert dosage["text"] == (
        "400 mg by mouth every 4 to 6 hours as needed for pain, with meals or milk; "
        "no more than 3200 mg in 24 hours"
    )
    assert dosage["timing"]["repeat"] == {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}
    assert dosage["maxDosePerPeriod"]["numerator"]["value"] == 3200
    assert drafts["Appointment"]["participant"][0]["status"] == "needs-action"
    assert drafts["ServiceRequest"]["requester"] == {"reference": "Practitioner/1"}
    assert drafts["ServiceRequest"]["reasonReference"] == [{"reference": "Condition/pain-9"}]


def test_a_raised_priority_echoes_the_order_as_received() -> None:
    received = {
        "resourceType": "ServiceRequest",
        "id": "mri",
        "priority": "routine",
        "vendor": [],
        "status": "active",
    }
    order = service(
        "imaging/mri-cervical-wo", 3, "ordered", priority="routine", resource=json.dumps(received).encode()
    )
    (card,) = rendered(statement("red-flag/hyperreflexia", 1), services=(order,))
    action = card["suggestions"][0]["actions"][0]
    assert (action["type"], action["resource"]) == ("update", received | {"priority": "stat"})


@pytest.mark.parametrize("extension", [{"url": "http://example.org/vendor"}, "vendor", None])
def test_a_rating_has_no_place_where_the_extensions_are_no_list(extension: Any) -> None:
    received = {"resourceType": "ServiceRequest", "id": "mri", "extension": extension}
    assert with_rating(received, Rating.APPROPRIATE) == received


def test_an_update_without_the_order_and_a_visit_without_its_window_are_our_mistakes() -> None:
    drafting = Drafting(case(), GUIDELINE.thresholds, WORDS, OPTIONS)
    with pytest.raises(CardError, match="as recorded"):
        with_priority(Proposal(ProposalKind.RAISE_PRIORITY, priority="stat"))
    with pytest.raises(CardError, match="as received"):
        changed_draft(Proposal(ProposalKind.RAISE_DRAFT, priority="stat"), drafting)
    with pytest.raises(CardError, match="window"):
        appointment(Proposal(ProposalKind.FOLLOW_UP), drafting)


def test_a_resource_that_is_not_valid_is_never_passed_on_and_its_content_never_said() -> None:
    preload()
    with pytest.raises(CardError, match="ServiceRequest not valid at") as caught:
        checked(
            {
                "resourceType": "ServiceRequest",
                "status": "draft",
                "intent": "order",
                "subject": "Patient/SECRET",
            }
        )
    assert "SECRET" not in str(caught.value)


ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/1"},
    "authoredOn": "2026-06-15",
    "note": [{"text": "Red flag: fever (9 Jun)."}],
}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"intent": 7}, id="a constant of another type"),
        pytest.param({"authoredOn": "15 June"}, id="no date"),
        pytest.param({"authoredOn": "2026-02-31"}, id="a day that is none"),
        pytest.param({"note": [{"text": 5}]}, id="a note that is no text"),
        pytest.param({"subject": {"reference": 7}}, id="a reference that is no text"),
        pytest.param({"invented": "x"}, id="an unknown member"),
    ],
)
def test_a_shape_known_to_be_valid_makes_nothing_else_valid(changed: dict[str, Any]) -> None:
    assert checked(ORDER) is ORDER
    another = ORDER | {"subject": {"reference": "Patient/2"}, "authoredOn": "2026-06-16"}
    assert checked(another) is another
    with pytest.raises(CardError):
        checked(another | changed)


def test_more_shapes_than_are_remembered_are_still_validated() -> None:
    for n in range(1001):
        assert checked(ORDER | {"code": {"text": f"order {n}"}})
    with pytest.raises(CardError):
        checked(ORDER | {"code": {"text": 1001}})


def test_what_is_unusual_is_validated_each_time() -> None:
    odd = ORDER | {"subject": {"reference": "urn:uuid:0f5b1b5e-0f0e-4c55-9a3e-4a1d9c1b2e10"}}
    assert checked(odd) is odd
