"""What was gathered for one call, by prefetch key, with the state of each key.

The states are the ones of the prefetch classification: absence of evidence is never evidence of absence,
so everything downstream can ask whether a key is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from cds_service.value import Value


class DataState(StrEnum):
    """How a prefetch key was answered."""

    OK = "ok"
    EMPTY = "empty"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_TRIED = "not tried"

    @property
    def is_whole(self) -> bool:
        """True when "none" may be read from it."""
        return self in (DataState.OK, DataState.EMPTY)


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """A resource that could not be decoded, or of which declared elements could not."""

    ref: str  # "Observation/1"; "Observation/?" without a usable id
    elements: tuple[str, ...]  # names of the elements that could not be read; () = the whole resource


class KeyData(msgspec.Struct, frozen=True, gc=False):
    """One prefetch key.

    Attributes:
        state: How it was answered.
        resources: Decoded resources (``cds_service.fhir_r4`` structs) of the expected type.
        included: Decoded resources of other types that came along (Medication for medicationReference).
        unreadable: What could not be decoded.
    """

    state: DataState
    resources: tuple[Any, ...] = ()
    included: tuple[Any, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An order that is not signed yet.

    Attributes:
        resource: Decoded (``cds_service.fhir_r4.drafts`` structs).
        as_received: Its JSON, so that an update can echo it.
        full_url: ``fullUrl`` of its entry, "" without one.
    """

    resource: Any
    as_received: bytes
    full_url: str = ""

    @property
    def ref(self) -> str:
        """``Type/id``; ``Type/?`` without an id."""
        return f"{self.resource.resource_type}/{self.resource.id or '?'}"


class Companion(msgspec.Struct, frozen=True, gc=False):
    """A resource beside the drafts: a Medication, Condition or Observation they name, or an Appointment."""

    resource: Any
    full_url: str = ""


class OrdersInHand(msgspec.Struct, frozen=True, gc=False):
    """The drafts of an order hook.

    Attributes:
        drafts: Every draft, each once.
        chosen: Places of those that are judged; the others are context.
        companions: What they refer to.
        dropped: What was not used, by reason.
    """

    drafts: tuple[Draft, ...] = ()
    chosen: frozenset[int] = frozenset()
    companions: tuple[Companion, ...] = ()
    dropped: Mapping[str, int] = msgspec.field(default_factory=dict)


class ClinicalData(Value, frozen=True):
    """Everything gathered for one call.

    Attributes:
        patient_id: Bare id of ``context.patientId``.
        encounter_id: Bare id of ``context.encounterId``, if given.
        user_ref: ``context.userId`` as ``Type/id``.
        keys: Every prefetch key the service advertises, also those that were not sent.
        orders: The drafts of an order hook; None for other hooks.
    """

    patient_id: str
    encounter_id: str | None
    user_ref: str
    keys: Mapping[str, KeyData] = msgspec.field(default_factory=dict)
    orders: OrdersInHand | None = None
