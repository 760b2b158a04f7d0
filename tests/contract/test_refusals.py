"""What the server refuses by itself can be told apart in the log, and read by browser clients that may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cds_service import telemetry
from cds_service.reception import Reception
from tests.contract.serving import POST, exchange, serving
from tests.contract.support import LIMIT, PATH

if TYPE_CHECKING:
    import io

ORIGIN = "https://ehr.example.org"
TRACE = "0af7651916cd43dd8448eb211c80319c"
FOR_BROWSERS = Reception(LIMIT, origins=(ORIGIN, "https://other.example"), is_https=True)


def refused(origin: str, path: str = PATH, reception: Reception = FOR_BROWSERS) -> dict[str, str]:
    """Headers of a refusal of waitress."""
    with serving(reception=reception) as server:
        request = POST.replace(PATH.encode(), path.encode(), 1) + f"Origin: {origin}\r\n".encode()
        status, headers, _ = exchange(server, request + b"Content-Length: many\r\n\r\n")
        assert status == 400
        return headers


@pytest.mark.parametrize("path", [PATH, f"/{PATH}/", f"{PATH}/feedback", "/cds-services"])
def test_an_allowed_origin_can_read_a_refusal(path: str) -> None:
    headers = refused(ORIGIN, path)
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["access-control-expose-headers"] == "X-Request-Id, Retry-After"
    assert headers["vary"] == "Origin"
    assert headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("origin", ["https://mallory.example", ORIGIN + ".mallory.example", "null", ""])
def test_a_foreign_origin_cannot(origin: str) -> None:
    headers = refused(origin)
    assert "access-control-allow-origin" not in headers
    assert headers["vary"] == "Origin"


@pytest.mark.parametrize("path", ["/readyz", "/cds-servicesx", "/pages/playground", "/"])
def test_nor_can_an_allowed_one_beside_the_routes_for_clients(path: str) -> None:
    assert "access-control-allow-origin" not in refused(ORIGIN, path)


def test_without_browser_clients_nothing_is_said_of_origins() -> None:
    assert not {"vary", "access-control-allow-origin"} & set(refused(ORIGIN, reception=Reception(LIMIT)))


def test_the_log_line_of_a_refusal_has_the_id_of_its_answer(log: io.StringIO) -> None:
    with serving() as server:
        trace = f"traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\n".encode()
        _, headers, _ = exchange(server, POST + trace + b"Content-Length: many\r\n\r\n")
    (line,) = [found for text in log.getvalue().splitlines() if "error_code" in (found := json.loads(text))]
    assert (line["error_code"], line["request_id"]) == ("not-http", headers["x-request-id"])
    assert line["trace_id"] == TRACE
    assert telemetry.CORRELATION.get() == telemetry.NO_CORRELATION
