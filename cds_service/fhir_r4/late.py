"""Elements kept as the bytes they were sent as, and decoded only when somebody asks for them.

Most of a chart is about other things and repeats itself: the same code stands in hundreds of results.
Comparing bytes is cheaper than making objects of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

NOTHING = msgspec.Raw(b"")
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class LateUnreadable(ValueError):
    """An element kept as bytes is not of its declared type; ``decode`` tells which and leaves it out."""


def as_sent(element: str) -> Any:
    """The member that keeps an element of this name as bytes; ``NOTHING`` when it was not sent."""
    return msgspec.field(default=NOTHING, name=element)


class Late(Generic[T]):
    """The element behind such a member, decoded each time it is asked for; None when it was not sent.

    Raises:
        LateUnreadable: It is not of its declared type.
    """

    def __init__(self, member: str, declared: Any) -> None:
        self.member, self.declared = member, declared
        self._decode: Callable[[msgspec.Raw], T | None] = msgspec.json.Decoder(declared | None).decode

    @overload
    def __get__(self, resource: None, kind: type) -> Late[T]: ...

    @overload
    def __get__(self, resource: object, kind: type) -> T | None: ...

    def __get__(self, resource: object | None, kind: type) -> T | Late[T] | None:
        if resource is None:
            return self
        raw = getattr(resource, self.member)
        if not raw:
            return None
        try:
            return self._decode(raw)
        except UNDECODABLE:
            raise LateUnreadable(self.member) from None


@cache
def late_elements(kind: Hashable) -> dict[str, Late[Any]]:
    """The elements of a resource kept as bytes, inherited ones too, by the member that keeps them."""
    bases = cast("type", kind).__mro__
    found = [value for base in bases for value in vars(base).values() if isinstance(value, Late)]
    return {late.member: late for late in found}


def is_readable(element: Any, read: set[tuple[str, bytes]]) -> bool:
    """Whether every element kept as bytes can be decoded; what is in ``read`` is not decoded again."""
    for member, late in late_elements(cast("Hashable", type(element))).items():
        sent = member, bytes(getattr(element, member))
        if sent in read:
            continue
        try:
            value = late.__get__(element, type(element))
        except LateUnreadable:
            return False
        parts = value if isinstance(value, tuple) else (value,)
        if not all(is_readable(part, read) for part in parts):
            return False
        read.add(sent)
    return True
