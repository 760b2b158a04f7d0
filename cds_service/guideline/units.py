"""Units a quantity may come in, how they convert, and which values are plausible (``data/units.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

# Factor and offset: canonical = (x + offset) * factor.
Conversion = tuple[float, float]
AS_CANONICAL: Conversion = (1.0, 0.0)


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One quantity of the pathway.

    Attributes:
        name: What people call it ("CRP").
        unit: Canonical unit, as shown to people.
        accepts: Unit (UCUM code or what records use) to its conversion.
        plausible: Lowest and highest value to be believed, in the canonical unit; None: not checked.
        unitless: A value without a unit is in the canonical one (scores).
        decimals: Digits kept after conversion; None: as converted.
    """

    name: str
    unit: str
    accepts: dict[str, Conversion]
    plausible: tuple[float, float] | None = None
    unitless: bool = False
    decimals: int | None = None

    @property
    def bare(self) -> Conversion | None:
        """How a value without a unit converts; None where it cannot be understood."""
        return AS_CANONICAL if self.unitless else None


Units = Mapping[str, Measure]
