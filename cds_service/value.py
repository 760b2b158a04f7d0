"""Values: what is said once and never changed."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is said once and never changed; equal values are the same value.

    A request makes hundreds of them, and a Struct is made in a fraction of a dataclass's time. They hold no
    cycles, so the collector need not look at them (``gc=False``); what an application is made of does, and
    says ``gc=True``.
    """
