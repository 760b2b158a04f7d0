"""Numeric results to measurements in canonical units, or to "could not be interpreted"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import recorded_span
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.laboratory import LABORATORY, NO_LIMITS, scale_of
from cds_service.fhir_mapping.quantity import converted, unit_text
from cds_service.fhir_r4.elements import Quantity
from cds_service.pathway.facts import Measurement, NotInterpretable
from cds_service.pathway.vocabulary import Source

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.exam import Exam
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_r4.resources import Finding, Observation
    from cds_service.pathway.vocabulary import Side

MEASURED = frozenset(
    {
        "obs/esr",
        "obs/crp",
        "obs/hs-crp",
        "obs/wbc",
        "obs/body-temperature",
        "obs/body-weight",
        "obs/egfr",
        "obs/pain-severity",
        "obs/systolic",
        "obs/diastolic",
        "obs/gestational-age",
        "obs/muscle-strength",
        "obs/strength",
        "obs/blood-culture",
    }
)
# "Strength" or "power" of something: a muscle's only if the words name one, a movement or a part of a limb.
_ANY_STRENGTH = "obs/strength"
PAIN = "obs/pain-severity"
_STRENGTH, _GESTATION, _CULTURE = (
    "obs/muscle-strength",
    "obs/gestational-age",
    "obs/blood-culture",
)
STRENGTHS = frozenset({_STRENGTH, _ANY_STRENGTH})
# A value in words is named as not understood here; of pain scores words are usual ("denies", "sleeping").
_NUMBERS = LABORATORY | {"obs/body-temperature", "obs/body-weight", _STRENGTH}
_SCORE_TEXT = re.compile(
    r"\s*(?:mrc\s+)?(?:grade\s+)?(\d+(?:\.\d+)?)\s*([+-]?)\s*(?:(?:/|out of)\s*(\d+))?\s*", re.IGNORECASE
)
_OF_FIVE = re.compile(r"/\s?5\b|\b0\s?-\s?5\b")
# "Good" is no such word: of five it is four.
_SOUND = re.compile(r"\s*(?:normal|full|intact|wnl|within normal limits)\s*\.?\s*", re.IGNORECASE)
_OUT_OF = {_STRENGTH: "5", PAIN: "10"}
_NOT_A_MUSCLE = frozenset(
    {
        "muscle",
        "muscles",
        "strength",
        "power",
        "motor",
        "mrc",
        "grade",
        "left",
        "right",
        "rt",
        "lt",
        "bilateral",
        "both",
        "sided",
        "of",
        "the",
        "in",
        "on",
    }
)
# Words beside "strength" that name no muscle and nothing else that has strength.
_GENERAL = frozenset(
    {
        *(
            "side",
            "body",
            "exam",
            "examination",
            "assessment",
            "test",
            "testing",
            "overall",
            "general",
            "gross",
            "score",
        ),
        *("proximal", "distal", "upper", "lower", "ext", "l", "r", "neuro", "neurological", "scale", "level"),
    }
)
# Naegele: delivery is due 280 days after the last menstrual period, from which gestation is counted.
_FULL_TERM_DAYS = 280
_NO_QUANTITY = Quantity()


def read_measurement(
    concept: str,
    finding: Observation | Finding,
    text: str,
    exam: Exam,
    context: MappingContext,
    mapped: Mapped,
) -> None:
    """Add the measurement, or why its value cannot be understood.

    Args:
        concept: What was measured.
        finding: The observation or component with the value.
        text: The record's own words for it.
        exam: What it shares with its parts.
        context: The day, the words and the units.
        mapped: Where the facts go.
    """
    if finding.data_absent_reason is not None:
        return
    if concept == _ANY_STRENGTH:
        is_muscles = _is_a_muscles(finding, exam, context)
        if is_muscles is None:
            what = context.units[_STRENGTH].name
            mapped.not_interpretable.append(
                NotInterpretable(exam.source_ref, what, "answer", _STRENGTH, exam.taken)
            )
        if not is_muscles:
            return  # of a pulse, a cough, a faith
        concept = _STRENGTH
    if concept == _CULTURE:
        source = Source(exam.source_ref, text)
        mapped.measurements.append(
            Measurement(_CULTURE, source, exam.taken, None, is_preliminary=exam.is_preliminary)
        )
        return
    found = _number(concept, finding, text, exam, context)
    if isinstance(found, Measurement):
        mapped.measurements.append(found)
    elif found is not None:
        mapped.not_interpretable.append(found)


def _number(
    concept: str, finding: Observation | Finding, text: str, exam: Exam, context: MappingContext
) -> Measurement | NotInterpretable | None:
    """The result in its canonical unit, or why its value cannot be understood; None where none is given."""
    given, qualifier = _value(concept, finding, exam, context)
    quantity = given or _NO_QUANTITY
    scale = scale_of(concept, finding, quantity, context)
    amount = converted(quantity, scale.conversion, scale.measure)
    if amount.value is None and (scale.flag is None or amount.why != "unit"):
        why = amount.why if given else _why_not_given(concept, finding)
        return (
            NotInterpretable(exam.source_ref, scale.measure.name, why, concept, exam.taken) if why else None
        )
    side, muscle = _where(finding, exam, context) if concept == _STRENGTH else (None, "")
    low, high = scale.limits if amount.value is not None else NO_LIMITS
    return Measurement(
        concept=concept,
        source=Source(exam.source_ref, text),
        taken=exam.taken,
        value=amount.value,
        unit=scale.measure.unit,
        original_value=quantity.value,
        original_unit=unit_text(quantity),
        comparator=quantity.comparator,
        reference_high=high,
        reference_low=low,
        flagging=scale.flag,
        is_preliminary=exam.is_preliminary,
        side=side,
        muscle=muscle,
        qualifier=qualifier,
    )


def _why_not_given(concept: str, finding: Observation | Finding) -> str:
    """Why a result without a number cannot be understood; "" where there is nothing to understand."""
    if concept == _STRENGTH and _SOUND.fullmatch(_in_words(finding)):
        return ""
    is_score = concept == PAIN and _SCORE_TEXT.fullmatch(finding.value_string or "")
    return "words" if is_score or (concept in _NUMBERS and _is_in_words(finding)) else ""


def _in_words(finding: Observation | Finding) -> str:
    return finding.value_string or words.wording(finding.value_codeable_concept)


def _is_in_words(finding: Observation | Finding) -> bool:
    return bool((finding.value_string or "").strip()) or finding.value_codeable_concept is not None


def _where(finding: Observation | Finding, exam: Exam, context: MappingContext) -> tuple[Side | None, str]:
    """Side and muscle of a strength test."""
    said = words.telling_words(context, finding.code, exam.body_site) + " ; " + exam.panel_words
    return described(said, context).side, _muscle(said)


def _is_a_muscles(finding: Observation | Finding, exam: Exam, context: MappingContext) -> bool | None:
    """Whether a strength is a muscle's; None where it may be one, of something unknown or on no scale."""
    own = words.telling_words(context, finding.code, exam.body_site)
    if not (_is_in_words(finding) or finding.value_quantity or finding.value_integer is not None):
        return False
    if context.terminology.names_a_muscle(f"{own} ; {exam.panel_words}"):
        return True
    is_general = _GENERAL.issuperset(_muscle(own).split())
    if _is_out_of_five(finding, own):
        return True if is_general else None
    if not is_general:
        return False
    return True if _is_in_words(finding) and not _SCORE_TEXT.fullmatch(_in_words(finding)) else None


def _is_out_of_five(finding: Observation | Finding, own: str) -> bool:
    unit = finding.value_quantity.unit or "" if finding.value_quantity else ""
    score = _SCORE_TEXT.fullmatch(finding.value_string or "")
    return (score is not None and score[3] == _OUT_OF[_STRENGTH]) or _OF_FIVE.search(
        f"{own} {unit}"
    ) is not None


def _value(
    concept: str, finding: Observation | Finding, exam: Exam, context: MappingContext
) -> tuple[Quantity | None, str]:
    """The value as a quantity, with the grade as written where it is one."""
    quantity = finding.value_quantity
    if quantity is not None:
        return quantity, ""
    if finding.value_integer is not None:
        return Quantity(value=finding.value_integer), ""
    if concept == _GESTATION and finding.value_date_time:
        return _days_pregnant(finding.value_date_time, exam, context), ""
    if concept in (_STRENGTH, PAIN) and finding.value_string:
        return _score(concept, finding.value_string)
    return None, ""


def _score(concept: str, text: str) -> tuple[Quantity | None, str]:
    """A score in words: "8", "8.5", "4/5", "4+", "MRC 4"; of another scale or anything else it is none."""
    match = _SCORE_TEXT.fullmatch(text)
    if match is None or match[3] not in (None, _OUT_OF[concept]):
        return None, ""
    return Quantity(value=float(match[1])), f"{match[1]}{match[2]}" if match[2] else ""


def _days_pregnant(delivery: str, exam: Exam, context: MappingContext) -> Quantity | None:
    """Gestational age on the day of the estimate, as any other result is of its day."""
    span = recorded_span(delivery, context)
    if span is None or span[0] != span[1]:
        return None
    estimated = exam.taken.on if exam.taken else context.as_of
    days = _FULL_TERM_DAYS - (span[0] - estimated).days
    return Quantity(value=days, unit="d", code="d")


def _muscle(where: str) -> str:
    """The muscle or movement in the words, in a fixed order, so that two exams can be compared."""
    found = re.findall(r"[a-z]+", where.lower())
    return " ".join(sorted({word for word in found if word not in _NOT_A_MUSCLE}))
