from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from cds_service.errors import (
    BodyIncomplete,
    BodyTooLarge,
    LengthRequired,
    ServiceError,
    UnsupportedMediaType,
)
from cds_service.hooks.body import read_body

LIMIT = 10
CHUNKED = {"HTTP_TRANSFER_ENCODING": "Chunked"}


def environ(body: bytes, **more: str) -> dict[str, Any]:
    return {"wsgi.input": BytesIO(body), "CONTENT_TYPE": "application/json"} | more


@pytest.mark.parametrize(
    ("body", "more"),
    [(b"0123456789", {"CONTENT_LENGTH": "10"}), (b"01234", CHUNKED), (b"0123456789", CHUNKED)],
    ids=["as announced", "chunked", "chunked, at the limit"],
)
def test_the_whole_body_is_read(body: bytes, more: dict[str, str]) -> None:
    assert read_body(environ(body, **more), LIMIT) == body


@pytest.mark.parametrize(
    ("body", "more", "error"),
    [
        (b"0", {}, LengthRequired),
        (b"0", {"CONTENT_LENGTH": "-1"}, LengthRequired),
        (b"0", {"CONTENT_LENGTH": "11"}, BodyTooLarge),
        (b"0" * 11, CHUNKED, BodyTooLarge),
        (b"0", {"CONTENT_LENGTH": "5"}, BodyIncomplete),
        (b"0", {"CONTENT_LENGTH": "1", "CONTENT_TYPE": "text/json"}, UnsupportedMediaType),
        (b"0", {"CONTENT_LENGTH": "11", "CONTENT_TYPE": ""}, BodyTooLarge),
    ],
    ids=[
        "no length",
        "a senseless length",
        "too large",
        "chunked, too large",
        "cut off",
        "not JSON",
        "size first",
    ],
)
def test_what_is_wrong_with_a_body(body: bytes, more: dict[str, str], error: type[ServiceError]) -> None:
    with pytest.raises(error):
        read_body(environ(body, **more), LIMIT)
