"""Wires the parts into a Flask application; reads no environment. The tests' way in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Blueprint

    from cds_service.hooks.endpoints import Endpoints

_SLASHES = re.compile(r"/{2,}")


def create_app(endpoints: Endpoints, *others: Blueprint) -> Flask:
    """The application that answers with these endpoints, and with what else is given (the pages)."""
    app = Flask("cds_service", static_folder=None)
    for routes in (endpoints.blueprint(), *others):
        app.register_blueprint(routes)
    app.wsgi_app = tolerate_slashes(app.wsgi_app)  # type: ignore[method-assign,assignment] # the way Flask documents
    return app


def tolerate_slashes(application: WSGIApplication) -> WSGIApplication:
    """Read doubled and trailing slashes as meant: clients join a typed discovery URL with ``/`` and an id.

    No redirect: clients follow none for a POST.
    """

    def normalised(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if "//" in path or path.endswith("/"):
            environ["PATH_INFO"] = _SLASHES.sub("/", path).rstrip("/") or "/"
        return application(environ, start_response)

    return normalised
