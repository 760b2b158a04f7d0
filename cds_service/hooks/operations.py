"""The routes for those who run the service: health, readiness, metrics, insights."""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Blueprint, Response, request

from cds_service.errors import NotFound, OperatorUnknown
from cds_service.hooks.answers import json_response
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.metrics import Metrics

SERVICE_UNAVAILABLE = 503
# A page of our own: its style is in it, nothing else is loaded or run.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


class Operations(Value, frozen=True, gc=True):
    """What these routes need.

    Attributes:
        versions: Version of each part of the knowledge.
        callers: How callers are told apart ("verified", or "anyone" in development).
        self_test: Names of the embedded vignettes that fail; runs them once.
        store_answers: Whether the store can be reached.
        metrics: To be scraped; None: there are none.
        insights: The page, as HTML; None: there is none.
        openapi: The description of the interface.
        token: What an operator has to show for metrics and insights; None shows them to everyone.
        is_closed: Without a token, metrics and insights are not shown at all.
        standing: What else readiness says.
    """

    versions: Mapping[str, str] = msgspec.field(default_factory=dict)
    callers: str = "anyone"
    self_test: Callable[[], Sequence[str]] = tuple
    store_answers: Callable[[], bool] = lambda: True
    metrics: Metrics | None = None
    insights: Callable[[], str] | None = None
    openapi: Callable[[], dict[str, Any]] | None = None
    token: str | None = None
    is_closed: bool = False
    standing: Callable[[], Mapping[str, Any]] = dict

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("operations", __name__)
        routes.add_url_rule("/healthz", view_func=self.health, methods=["GET"])
        routes.add_url_rule("/readyz", view_func=self.ready, methods=["GET"])
        routes.add_url_rule("/metrics", view_func=self.scrape, methods=["GET"])
        routes.add_url_rule("/insights", view_func=self.show_insights, methods=["GET"])
        routes.add_url_rule("/openapi.json", view_func=self.describe, methods=["GET"])
        return routes

    def health(self) -> Response:
        """``GET /healthz``: the process lives."""
        return json_response({"status": "ok"})

    def ready(self) -> Response:
        """``GET /readyz``: the knowledge answers its vignettes as it should, and the store is there."""
        failed = list(self.self_test())
        has_store = self.store_answers()
        is_ready = has_store and not failed
        body: dict[str, Any] = {
            "status": "ready" if is_ready else "not ready",
            "callers": self.callers,
            "selfTest": "passed" if not failed else "failed",
            "store": "ok" if has_store else "unreachable",
            **self.versions,
            **self.standing(),
        }
        return json_response(body, 200 if is_ready else SERVICE_UNAVAILABLE)

    def scrape(self) -> Response:
        """``GET /metrics``, for Prometheus."""
        self._check_operator()
        if self.metrics is None:
            raise NotFound
        text, kind = self.metrics.scrape()
        return Response(text, content_type=kind)

    def show_insights(self) -> Response:
        """``GET /insights``: what the cards came to, for people."""
        self._check_operator()
        if self.insights is None:
            raise NotFound
        response = Response(self.insights(), content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    def describe(self) -> Response:
        """``GET /openapi.json``."""
        if self.openapi is None:
            raise NotFound
        return json_response(self.openapi())

    def _check_operator(self) -> None:
        """The token as Bearer, or as the password of Basic, which a browser asks for."""
        if self.token is None:
            if self.is_closed:
                raise NotFound
            return
        given = _shown_token(request.environ.get("HTTP_AUTHORIZATION", ""))
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise OperatorUnknown


def _shown_token(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
