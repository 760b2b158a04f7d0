"""Resources at a glance: only what can name a pain, and that still as bytes.

Most charts have no neck pain, and most of what they hold repeats itself. A glance reads the bytes of a code
without making objects of it, so that the usual chart costs next to nothing.
"""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw(b"")


class Glance(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A resource of which nothing but its type matters at first."""

    resource_type: str | None = None


class ConditionGlance(Glance, gc=False, frozen=True, rename="camel"):
    """What a condition names."""

    code: msgspec.Raw = NOTHING


class EncounterGlance(Glance, gc=False, frozen=True, rename="camel"):
    """Why a visit took place."""

    reason_code: msgspec.Raw = NOTHING


class ObservationGlance(Glance, gc=False, frozen=True, rename="camel"):
    """What was observed, where the value can name it, and whether there are parts."""

    code: msgspec.Raw = NOTHING
    value_codeable_concept: msgspec.Raw = NOTHING
    component: msgspec.Raw = NOTHING


class QuestionnaireResponseGlance(Glance, gc=False, frozen=True, rename="camel"):
    """Questions and answers."""

    item: msgspec.Raw = NOTHING


GLANCES: dict[str, type[Glance]] = {
    "Condition": ConditionGlance,
    "Encounter": EncounterGlance,
    "Observation": ObservationGlance,
    "QuestionnaireResponse": QuestionnaireResponseGlance,
}
