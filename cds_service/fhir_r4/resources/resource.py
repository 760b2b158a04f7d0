"""What every resource has."""

from __future__ import annotations

import msgspec

from cds_service.fhir_r4.elements import Element

Raw = msgspec.Raw


class Resource(Element, frozen=True):
    """What every resource has. A modifierExtension nobody knows may turn the resource's meaning round."""

    resource_type: str | None = None
    id: str | None = None
    modifier_extension: tuple[Raw, ...] | None = None
    contained: tuple[Raw, ...] | None = None
