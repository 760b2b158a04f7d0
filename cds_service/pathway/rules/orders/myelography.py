"""CT myelography (R53) and what the record says about its safety (S11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.finding import Indicator, Line, Section, Selection
from cds_service.pathway.rules.modality import cautions_found, modality_lines, myelography_cautions
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import card, deferred
from cds_service.pathway.rules.phase import Phase
from cds_service.pathway.rules.safety_chart import DRUG_KEYS

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice
    from cds_service.pathway.rules.orders.question import OrderQuestion

# Drugs; allergy to contrast; infection and raised pressure.
_CAUTIONS_IN = (*DRUG_KEYS, "allergies", "conditions", "observations")
_LOUDER = {Indicator.INFO: Indicator.WARNING, Indicator.WARNING: Indicator.WARNING}


def with_cautions(question: OrderQuestion, advice: Advice | None) -> Advice | None:
    """S11, whatever the other rules say; alone it is a card of its own."""
    cautions = cautions_found(question.assessment)
    if not cautions:
        return _with_unread(question, advice)
    lines = (*myelography_cautions(question.assessment), *_unread_lines(question))
    if advice is None:
        return card(
            question,
            "S11",
            "S11",
            Indicator.WARNING,
            slots=question.slots(cautions=tuple(cautions)),
            evidence=(*(item for items in cautions.values() for item in items), question.itself("S11")),
            lines=(*question.episode_notes(), *lines),
        )
    return structs.replace(
        advice,
        indicator=_LOUDER.get(advice.indicator, advice.indicator),
        rules=(*advice.rules, "S11"),
        lines=(*advice.lines, *lines),
    )


def _with_unread(question: OrderQuestion, advice: Advice | None) -> Advice | None:
    """Nothing was found, in what could be read."""
    lines = _unread_lines(question)
    if not lines:
        return advice
    if advice is not None:
        return structs.replace(advice, lines=(*advice.lines, *lines))
    return card(
        question,
        "S11",
        "S11-unread",
        Indicator.INFO,
        evidence=(question.itself("S11"),),
        lines=(*question.episode_notes(), *lines),
    )


def _unread_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """Where the cautions stand and could not be read."""
    data = question.unread(*_CAUTIONS_IN)
    return (Line(Section.BEYOND_ARTICLE, "myelography-unread", {"data": data}, "S11"),) if data else ()


def judge_myelography(question: OrderQuestion) -> Advice | None:
    """R53: silent for an MRI that cannot be done, or that left a radiculopathy open."""
    if question.is_left_open:
        return None
    return _in_place_of_mri(question) if question.is_impossible else _reserved(question)


def _in_place_of_mri(question: OrderQuestion) -> Advice | None:
    """An MRI cannot be done: what holds for its timing holds for the test in its place."""
    if question.has_flag or question.is_failed:
        return None
    if question.is_early or question.is_resolving:
        wording = "R53-early" if question.is_early else "R53-resolving"
        return deferred(question, "R53", wording, rules=("R46",))
    if question.phase is Phase.UNKNOWN:
        return card(
            question,
            "R53",
            question.fitting("R46u"),
            Indicator.INFO,
            rules=("R46u",),
            lines=question.lines(),
            proposals=changes.delete(question),
        )
    if question.phase is Phase.BEYOND:
        return None
    return card(
        question,
        "R53",
        question.fitting("R53-incomplete", is_lost=question.assessment.trajectory.is_unread),
        Indicator.INFO,
        rules=("R47",),
        lines=(*question.lines(), *offers.missing_care_lines(question)),
        proposals=offers.missing_care(question),
        selection=Selection.ANY,
    )


def _reasons_in(question: OrderQuestion) -> tuple[str, ...]:
    """Where a reason for CT myelography would stand; beside an equivocal MRI a radiculopathy is one."""
    mri = question.assessment.imaging.mri_in_episode
    is_equivocal = mri is not None and mri.is_equivocal
    return ("diagnosticReports", *(("conditions", "observations") if is_equivocal else ()))


def _reserved(question: OrderQuestion) -> Advice:
    """Neither reason: MRI where imaging is on the pathway and none was made, else no imaging."""
    has_mri = question.assessment.imaging.mri_in_episode is not None and not question.has_flag
    better = offers.mri(question) if question.is_due and not has_mri else ()
    # It may have been ordered for an implant or a report that could not be read.
    is_known = not question.assessment.mri.unread and not question.unread(*_reasons_in(question))
    is_recommended = is_known and (bool(better) or (question.is_early and not question.is_doubtful))
    return card(
        question,
        "R53",
        "R53" if is_known else "R53-unread",
        Indicator.WARNING if is_known else Indicator.INFO,
        lines=(*question.lines(), *(modality_lines(question.assessment.mri) if better else ())),
        proposals=changes.replace(question, better, is_recommended=is_recommended)
        or changes.delete(question, is_recommended=is_recommended),
    )
