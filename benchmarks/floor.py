"""The floor: a bare WSGI application on the same server, orjson in and a fixed answer out.

With ``echo`` after the port the whole body is written back, for those who measure against that.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

from cds_service.reception import Reception
from cds_service.running import freeze
from cds_service.server import make_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIMIT_BYTES = 64 * 1024 * 1024
CARD: dict[str, Any] = {
    "uuid": "5b1f5f0c-6d0b-4f0e-9a55-0c2b6a5f9d01",
    "summary": "A fixed card.",
    "indicator": "info",
    "source": {"label": "Floor"},
}


def floor(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Decode the request, encode an answer, do nothing between."""
    orjson.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
    answer = orjson.dumps({"cards": [CARD]})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Decode the request, and encode all of it again."""
    answer = orjson.dumps(
        orjson.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
    )
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


if __name__ == "__main__":
    application = echo if "echo" in sys.argv else floor
    server = make_server(application, "127.0.0.1", int(sys.argv[1]), Reception(LIMIT_BYTES))
    freeze()
    server.run()
