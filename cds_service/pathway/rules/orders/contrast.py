"""Contrast in an MRI order (R50) and what the record says about giving it (S8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.finding import Indicator, Line, Section
from cds_service.pathway.rules.modality import mri_safety_lines
from cds_service.pathway.rules.nsaid_dangers import kidney_failure, undated_kidney_failure
from cds_service.pathway.rules.orders import changes
from cds_service.pathway.rules.orders.cards import card
from cds_service.pathway.rules.orders.wares import Ware
from cds_service.pathway.rules.pregnancy import current_pregnancy
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import (
    is_infection_suspected,
    is_tumour_suspected,
    present_evidence,
)
from cds_service.pathway.rules.safety_chart import safety_chart

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice, Evidence, SlotValue
    from cds_service.pathway.rules.orders.question import OrderQuestion


_CAUTION = "contrast-caution"


def contrast_lines(question: OrderQuestion) -> tuple[tuple[Line, ...], Indicator]:
    """R50a: contrast is not part of the pathway; and how loudly S8 speaks against giving it."""
    risks, indicator = contrast_risks(question)
    return (Line(Section.STEP, "contrast-not-part", rule="R50a"), *risks), indicator


def with_contrast(question: OrderQuestion, more: tuple[Line, ...]) -> Advice:
    """R50b for infection and tumour, where other guidance takes contrast as right; else R50c."""
    assessment = question.assessment
    is_infection, is_tumour = is_infection_suspected(assessment), is_tumour_suspected(assessment)
    rule = "R50b" if is_infection or is_tumour else "R50c"
    risks, indicator = contrast_risks(question)
    flags = present_evidence(assessment)
    guidance = {
        "contrast-infection": is_infection,
        "contrast-malignancy": is_tumour,
        "contrast-myelopathy": rule == "R50c",
    }
    return card(
        question,
        rule,
        f"{rule}-risk" if indicator is Indicator.WARNING else rule,
        indicator,
        rules=rules_of(flags),
        slots=question.slots(**contrast_slots(risks)),
        evidence=(*flags, question.itself(rule)),
        lines=(
            *question.episode_notes(),
            *more,
            *(Line(Section.OTHER_GUIDANCE, key, rule=rule) for key, applies in guidance.items() if applies),
            *mri_safety_lines(assessment.mri),
            *risks,
            Line(Section.STEP, "change-keeps-rest", rule=rule),
        ),
        proposals=changes.without_contrast(question),
        override=None,
    )


def contrast_slots(lines: tuple[Line, ...]) -> dict[str, SlotValue]:
    """The reasons against contrast, for the summary."""
    caution = next((line for line in lines if line.key == _CAUTION), None)
    return {} if caution is None else {"reasons": caution.slots["reasons"]}


def contrast_risks(question: OrderQuestion) -> tuple[tuple[Line, ...], Indicator]:
    """S8: what calls for radiology's advice before contrast; a warning then."""
    found = _risks(question)
    if not found:
        return _unread(question), Indicator.INFO
    evidence = tuple(item for items in found.values() for item in items)
    line = Line(
        Section.BEYOND_ARTICLE,
        _CAUTION,
        {"reasons": tuple(f"@{key}" for key in found)},
        "S8",
        evidence,
    )
    return (line, *_unread(question)), Indicator.WARNING


def _unread(question: OrderQuestion) -> tuple[Line, ...]:
    """Where the risks stand and could not be read."""
    data = question.unread("conditions", "observations")
    return (Line(Section.BEYOND_ARTICLE, "contrast-unread", {"data": data}, "S8"),) if data else ()


def with_mri_safety(question: OrderQuestion, advice: Advice) -> Advice:
    """A card on an MRI for another reason, with what S8 says of the MRI and of its contrast."""
    risks, loudness = contrast_risks(question) if question.ware is Ware.MRI_CONTRAST else ((), Indicator.INFO)
    lines = (*mri_safety_lines(question.assessment.mri), *risks)
    is_louder = advice.indicator is Indicator.INFO and loudness is Indicator.WARNING
    return structs.replace(
        advice, indicator=loudness if is_louder else advice.indicator, lines=(*advice.lines, *lines)
    )


def _risks(question: OrderQuestion) -> dict[str, tuple[Evidence, ...]]:
    chart = safety_chart(question.assessment.case, question.thresholds)
    failing = kidney_failure(chart) + undated_kidney_failure(chart)
    kidneys = [structs.replace(found, rule="S8") for found in failing]
    pregnancy = current_pregnancy(chart)
    found: dict[str, tuple[Evidence, ...]] = {}
    if kidneys:
        found["term.kidney-failure"] = tuple(kidneys)
    if pregnancy is not None:
        found["term.pregnancy"] = tuple(structs.replace(e, rule="S8") for e in pregnancy.evidence[:1])
    return found
