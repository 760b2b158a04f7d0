"""How a result is to be read: its unit, and the laboratory's own judgement by flag and reference range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping.concepts import texts, wording
from cds_service.fhir_mapping.quantity import conversion_of, converted
from cds_service.fhir_r4.elements import Quantity
from cds_service.pathway.vocabulary import Flagging, Sex
from cds_service.terminology.systems import INTERPRETATION
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept, Range, ReferenceRange
    from cds_service.fhir_r4.resources import Finding, Observation
    from cds_service.guideline.units import Conversion, Measure

# Low and high, in the canonical unit.
Limits = tuple[float | None, float | None]
NO_LIMITS: Limits = (None, None)
_FLAGS = {
    "value/raised": Flagging.RAISED,
    "value/low": Flagging.LOW,
    "value/abnormal": Flagging.ABNORMAL,
    "value/normal": Flagging.NORMAL,
}
_FLAG_WORDS = {
    "h": Flagging.RAISED,
    "hh": Flagging.RAISED,
    "high": Flagging.RAISED,
    "n": Flagging.NORMAL,
    "normal": Flagging.NORMAL,
    "l": Flagging.LOW,
    "ll": Flagging.LOW,
    "low": Flagging.LOW,
}
_SEX_WORDS = {
    "female": Sex.FEMALE,
    "male": Sex.MALE,
    "women": Sex.FEMALE,
    "men": Sex.MALE,
    "f": Sex.FEMALE,
    "m": Sex.MALE,
}
# Whose flag is read; that of hs-CRP, and its range, are for cardiovascular risk and say nothing of infection.
LABORATORY = frozenset({"obs/esr", "obs/crp", "obs/hs-crp", "obs/wbc", "obs/egfr"})
_OTHER_PURPOSE = frozenset({"obs/hs-crp"})


class Scale(Value, frozen=True):
    """Everything about a result but its number; the results of a chart share a few of them.

    Attributes:
        measure: Of the quantity.
        conversion: Of the unit; None for one that is not listed.
        flag: The laboratory's own.
        limits: Of the range that applies.
    """

    measure: Measure
    conversion: Conversion | None
    flag: Flagging | None = None
    limits: Limits = NO_LIMITS


def scale_of(concept: str, finding: Observation | Finding, own: Quantity, context: MappingContext) -> Scale:
    """How a result is read; what the same bytes say is worked out once a request.

    Args:
        concept: What was measured.
        finding: With flag and range.
        own: The value, whose unit counts.
        context: The patient's sex and age, the words and the units.
    """
    flagged, ranged = bytes(finding.interpretation_as_sent), bytes(finding.reference_range_as_sent)
    key = (concept, own.code, own.unit, flagged, ranged)
    found = context.scales.get(key)
    if found is None:
        found = context.scales[key] = _scale(concept, finding, own, context)
    return found


def _scale(concept: str, finding: Observation | Finding, own: Quantity, context: MappingContext) -> Scale:
    measure = context.units[concept]
    conversion = conversion_of(own, measure)
    if concept in _OTHER_PURPOSE:
        return Scale(measure, conversion)
    flag = _flagging(finding, context) if concept in LABORATORY else None
    ranges = finding.reference_range or ()
    return Scale(measure, conversion, flag, _limits(ranges, own, measure, context) if ranges else NO_LIMITS)


def _flagging(finding: Observation | Finding, context: MappingContext) -> Flagging | None:
    """The laboratory's flag; of several, the one that matters most."""
    said = bytes(finding.interpretation_as_sent)
    if said not in context.flags:
        found = {_flag(item, context) for item in finding.interpretation or ()}
        context.flags[said] = next((flag for flag in _FLAGS.values() if flag in found), None)
    return context.flags[said]


def _flag(item: CodeableConcept, context: MappingContext) -> Flagging | None:
    for coding in item.coding or ():
        concepts = context.terminology.codings(coding.system or INTERPRETATION, coding.code)
        for concept, flag in _FLAGS.items():
            if concept in concepts:
                return flag
    return next(
        (_FLAG_WORDS[text.strip().lower()] for text in texts(item) if text.strip().lower() in _FLAG_WORDS),
        None,
    )


def _limits(
    ranges: tuple[ReferenceRange, ...], own: Quantity, measure: Measure, context: MappingContext
) -> Limits:
    """Low and high of the range that applies, in the canonical unit.

    Of several ranges those for this sex and age count; if several are left, the strictest.
    """
    usual = [r for r in ranges if _is_usual(r)]
    fitting = [r for r in usual if _fits(r, context)] if len(usual) > 1 else usual
    lows = [v for r in fitting if (v := _limit(r.low, own, measure)) is not None]
    highs = [v for r in fitting if (v := _limit(r.high, own, measure)) is not None]
    return max(lows, default=None), min(highs, default=None)


def _is_usual(limits: ReferenceRange) -> bool:
    """Typed "normal", or not typed: not therapeutic, critical or desirable limits."""
    return limits.type is None or "normal" in wording(limits.type).lower() or _has_code(limits.type, "normal")


def _has_code(concept: CodeableConcept, code: str) -> bool:
    return any(coding.code == code for coding in concept.coding or ())


def _fits(limits: ReferenceRange, context: MappingContext) -> bool:
    return _fits_sex(limits.applies_to, context) and _fits_age(limits.age, context)


def _fits_sex(applies_to: Iterable[CodeableConcept] | None, context: MappingContext) -> bool:
    said = {
        _SEX_WORDS[word]
        for concept in applies_to or ()
        for text in (*texts(concept), *_coded_words(concept, context))
        if (word := text.strip().lower()) in _SEX_WORDS
    }
    return not said or context.sex in said


def _coded_words(concept: CodeableConcept, context: MappingContext) -> Iterator[str]:
    """The codes themselves ("F"), and the names of codes that came without one."""
    for coding in concept.coding or ():
        yield coding.code or ""
        yield context.terminology.display(coding.system, coding.code)


def _fits_age(ages: Range | None, context: MappingContext) -> bool:
    if ages is None or context.age is None:
        return True
    low = ages.low.value if ages.low else None
    high = ages.high.value if ages.high else None
    return (low is None or context.age.at_most >= low) and (high is None or context.age.at_least <= high)


def _limit(limit: Quantity | None, own: Quantity, measure: Measure) -> float | None:
    """A limit in the canonical unit; one without a unit is in the unit of the result."""
    if limit is None or limit.value is None:
        return None
    has_unit = limit.code or limit.unit
    code, unit = (limit.code, limit.unit) if has_unit else (own.code, own.unit)
    quantity = Quantity(value=limit.value, unit=unit, code=code)
    # A limit may be zero or lie beyond what is plausible for a value.
    return converted(quantity, conversion_of(quantity, measure), measure, is_limit=True).value
