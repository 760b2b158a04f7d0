"""Wires the parts into a Flask application; reads no environment. The tests' way in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Flask

from cds_service import telemetry
from cds_service.hooks.answers import CORRELATION
from cds_service.hooks.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Blueprint, Response

    from cds_service.hooks.endpoints import Endpoints

PREFLIGHT_SECONDS = 600
EXPOSED_HEADERS = ("X-Request-Id", "Retry-After")
_SLASHES = re.compile(r"/{2,}")


def create_app(
    endpoints: Endpoints,
    *others: Blueprint,
    operations: Operations | None = None,
    origins: tuple[str, ...] = (),
) -> Flask:
    """The application that answers with these endpoints.

    Args:
        endpoints: For clients.
        others: For people: the pages.
        operations: For those who run the service; health and readiness alone when None.
        origins: Origins whose browser clients may read the answers of the endpoints for clients.
    """
    app = Flask("cds_service", static_folder=None)
    operators = operations or Operations(endpoints.versions)
    for routes in (endpoints.blueprint(), operators.blueprint(), *others):
        app.register_blueprint(routes)
    if origins:
        allow_origins(app, origins)
    app.wsgi_app = tolerate_slashes(app.wsgi_app)  # type: ignore[method-assign,assignment] # the way Flask documents
    return app


def allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let browser clients of these origins call: preflights without a token, headers on errors too."""
    from flask_cors import CORS

    CORS(
        app,
        resources=r"/cds-services(/.*)?",
        origins=list(origins),
        methods=["GET", "POST", "OPTIONS"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=list(EXPOSED_HEADERS),
        max_age=PREFLIGHT_SECONDS,
    )
    app.after_request(_vary_by_origin)


def _vary_by_origin(response: Response) -> Response:
    """A cache between must not hand the answer for one origin to another."""
    response.vary.add("Origin")
    return response


def tolerate_slashes(application: WSGIApplication) -> WSGIApplication:
    """Read doubled and trailing slashes as meant: clients join a typed discovery URL with ``/`` and an id.

    No redirect: clients follow none for a POST. Here each request gets its correlation ids too.
    """

    def normalised(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if "//" in path or path.endswith("/"):
            environ["PATH_INFO"] = _SLASHES.sub("/", path).rstrip("/") or "/"
        environ[CORRELATION] = telemetry.correlate(environ.get("HTTP_TRACEPARENT"))
        try:
            return application(environ, start_response)
        finally:
            telemetry.correlate_no_more()

    return normalised
