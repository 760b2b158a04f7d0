"""Quantities to canonical units, or the reason why they cannot be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.guideline.units import AS_CANONICAL
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_r4.elements import Quantity
    from cds_service.guideline.units import Conversion, Measure

COMPARATORS = frozenset({"<", "<=", ">", ">="})


class Amount(Value, frozen=True):
    """A value in the canonical unit, or None and why ("unit", "implausible", "comparator")."""

    value: float | None
    why: str = ""


def conversion_of(quantity: Quantity, measure: Measure) -> Conversion | None:
    """How its unit converts, by the code, else by its text; None for a unit that is not listed."""
    unit = quantity.code or quantity.unit
    return measure.accepts.get(unit.strip()) if unit else measure.bare


def converted(
    quantity: Quantity, conversion: Conversion | None, measure: Measure, *, is_limit: bool = False
) -> Amount:
    """The quantity in the canonical unit; a limit need not be plausible for a value.

    A unit that is not listed is never guessed. Rounding comes after conversion; what is not converted keeps
    its digits.
    """
    if quantity.value is None:
        return Amount(None, "unit")
    if quantity.comparator and quantity.comparator not in COMPARATORS:
        return Amount(None, "comparator")
    if conversion is None:
        return Amount(None, "unit")
    value = quantity.value
    if conversion != AS_CANONICAL or measure.decimals is not None:
        factor, offset = conversion
        value = round((value + offset) * factor, 6 if measure.decimals is None else measure.decimals)
    if measure.plausible and not is_limit and not measure.plausible[0] <= value <= measure.plausible[1]:
        return Amount(None, "implausible")
    return Amount(value)


def unit_text(quantity: Quantity) -> str:
    """The unit as recorded."""
    return quantity.unit or quantity.code or ""
