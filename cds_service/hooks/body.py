"""The bytes of a request: media type, length and limit, before anything is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.errors import BodyIncomplete, BodyTooLarge, LengthRequired, UnsupportedMediaType

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The whole body, read from the server's own stream: a framework's wrapper costs a copy of it.

    Raises:
        LengthRequired, BodyTooLarge, UnsupportedMediaType, BodyIncomplete: Checked in this order.
    """
    length = _announced(environ)
    if length is not None and length > limit:
        raise BodyTooLarge
    if not _is_json(environ.get("CONTENT_TYPE", "")):
        raise UnsupportedMediaType
    # Of a body without an announced end, one byte over the limit is enough to know.
    body: bytes = environ["wsgi.input"].read(limit + 1 if length is None else length)
    if len(body) > limit:
        raise BodyTooLarge
    if length is not None and len(body) < length:
        raise BodyIncomplete
    return body


def _announced(environ: WSGIEnvironment) -> int | None:
    """Content-Length; None for a chunked body."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isdecimal():
        return int(announced)
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    raise LengthRequired


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    kind, _, subtype = media_type.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
