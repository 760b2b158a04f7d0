"""What a browser may do with our pages: load from here alone, run nothing inline, be framed by nobody."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from flask import Response

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Style and script are asked for again each time, and answered by "not modified"; a page may hold what
# somebody pasted and is never kept.
STATIC_CACHE = "no-cache"


def add_page_headers(response: Response) -> Response:
    """The headers of every page, style and script of ours."""
    for name, value in PAGE_HEADERS.items():
        response.headers[name] = value
    is_static = request.endpoint == "pages.static" and response.status_code != HTTPStatus.NOT_FOUND
    response.headers["Cache-Control"] = STATIC_CACHE if is_static else "no-store"
    return response
