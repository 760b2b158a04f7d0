"""One strange element never costs the resource, and one that turns the meaning round does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.fhir_r4 import STRUCTS, decode


def test_a_usual_resource_is_read_whole() -> None:
    decoded = decode(
        b'{"resourceType":"Condition","id":"c","code":{"text":"neck pain"},"unknown":1}', STRUCTS["Condition"]
    )
    assert decoded.unreadable == ()
    assert decoded.resource.id == "c"  # type: ignore[union-attr]


def test_an_order_keeps_its_bytes_so_that_an_update_can_echo_it() -> None:
    raw = b'{"resourceType":"ServiceRequest","priority":"routine","vendor":{"x":[]}}'
    assert decode(raw, STRUCTS["ServiceRequest"]).resource.raw == raw  # type: ignore[union-attr]
    spoilt = b'{"resourceType":"ServiceRequest","meta":7}'
    assert decode(spoilt, STRUCTS["ServiceRequest"]).resource.raw == spoilt  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("members", "read", "unreadable"),
    [
        pytest.param(
            {"bodySite": 5, "status": "final"}, {"status": "final"}, ("bodySite",), id="malformed site"
        ),
        pytest.param(
            {"valueQuantity": {"value": "5.4"}},
            {"value_quantity": None},
            ("valueQuantity",),
            id="number as text",
        ),
        pytest.param({"code": {"coding": [{"code": 5}], "text": "CRP"}}, {}, ("code",), id="one bad coding"),
        pytest.param({"component": [{"code": {"text": "a"}}, 5]}, {}, ("component",), id="one bad list item"),
        pytest.param({"issued": None, "bodySite": 1}, {"issued": None}, ("bodySite",), id="null is nothing"),
    ],
)
def test_what_can_be_read_beside_a_strange_element_is(
    members: dict[str, Any], read: dict[str, Any], unreadable: tuple[str, ...]
) -> None:
    decoded = decode(json.dumps(members).encode(), STRUCTS["Observation"])
    assert decoded.unreadable == unreadable
    for name, value in read.items():
        assert getattr(decoded.resource, name) == value


def test_parts_can_still_be_read_when_something_beside_them_is_strange() -> None:
    part = {"code": {"text": "Systolic blood pressure"}, "valueQuantity": {"value": 120, "unit": "mm[Hg]"}}
    decoded = decode(json.dumps({"bodySite": 5, "component": [part, 7]}).encode(), STRUCTS["Observation"])
    assert decoded.unreadable == ("bodySite", "component")
    (read,) = decoded.resource.component  # type: ignore[union-attr]
    assert (read.code.text, read.value_quantity.value, read.interpretation) == (
        "Systolic blood pressure",
        120,
        None,
    )


def test_the_text_beside_a_bad_coding_and_the_good_codings_are_kept() -> None:
    body = b'{"code":{"coding":[{"code":5},{"code":"a"}],"text":"neck pain"}}'
    code = decode(body, STRUCTS["Condition"]).resource.code  # type: ignore[union-attr]
    assert [coding.code for coding in code.coding] == ["a"]
    assert code.text == "neck pain"
    only_text = decode(b'{"code":{"coding":7,"text":8}}', STRUCTS["Condition"]).resource.code  # type: ignore[union-attr]
    assert (only_text.coding, only_text.text) == ((), None)


def test_one_object_where_a_list_belongs_is_read_as_a_list() -> None:
    decoded = decode(b'{"interpretation":{"text":"H"}}', STRUCTS["Observation"])
    assert [item.text for item in decoded.resource.interpretation] == ["H"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"status":true}', id="status is no text"),
        pytest.param(b'{"verificationStatus":"refuted"}', id="status of another shape"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[" * 9000, id="nested without end"),
        pytest.param(b'{"status":"\xff"}', id="no UTF-8"),
    ],
)
def test_a_resource_whose_meaning_is_in_doubt_is_not_used(body: bytes) -> None:
    kind = "Condition" if b"verification" in body else "Observation"
    assert decode(body, STRUCTS[kind]).resource is None
