"""MRI of the cervical spine (R46 to R50, S8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.assessment import MriState
from cds_service.pathway.finding import Indicator, Line, Section, Selection
from cds_service.pathway.open_orders import is_as_urgent, known_priority
from cds_service.pathway.rules.modality import mri_safety_lines
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import card, deferred
from cds_service.pathway.rules.orders.contrast import contrast_lines, contrast_slots, with_contrast
from cds_service.pathway.rules.orders.wares import UNSPECIFIED_MRI, Ware
from cds_service.pathway.rules.phase import Phase
from cds_service.pathway.rules.red_flag_lines import possible_lines
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import (
    CORD_RULES,
    needed_priority,
    present_evidence,
)
from cds_service.pathway.rules.trial_words import trial_lines

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice
    from cds_service.pathway.rules.orders.question import OrderQuestion


def judge_device(question: OrderQuestion) -> Advice | None:
    """S8: the MRI in hand is contraindicated on record."""
    if not question.is_impossible:
        return None
    mri = question.assessment.mri
    is_deferred = question.is_early and not question.has_flag
    if is_deferred:
        parts, is_recommended = offers.initial_care(question), not question.is_doubtful
    else:
        parts = offers.myelography(question)
        is_recommended = offers.may_recommend(question)
    flags = present_evidence(question.assessment) if question.has_flag else ()
    return card(
        question,
        "S8",
        "S8-early" if is_deferred else "S8",
        Indicator.CRITICAL,
        rules=rules_of(flags),
        evidence=(*mri.evidence, *flags, question.itself("S8")),
        lines=(
            *possible_lines(question.assessment),
            *question.episode_notes(),
            *((offers.device_line(question),) if is_deferred else offers.test_lines(question)),
        ),
        proposals=changes.replace_or_delete(question, parts, is_recommended=is_recommended and bool(parts)),
    )


def judge_conditional_device(question: OrderQuestion) -> Advice | None:
    """S8: an MRI nothing else speaks against, with a device that has to be checked."""
    mri = question.assessment.mri
    if mri.state is not MriState.CONDITIONAL:
        return None
    return card(
        question,
        "S8",
        "S8-conditional",
        Indicator.INFO,
        evidence=(*mri.evidence, question.itself("S8")),
        lines=(
            Line(Section.BEYOND_ARTICLE, "mri-conditional", {"reasons": question.slots()["reasons"]}, "S8"),
        ),
        override=None,
    )


def judge_flagged(question: OrderQuestion) -> Advice | None:
    """R49, R50b, R50c: a red flag is present; the MRI is right, its priority or contrast may not be."""
    if not question.has_flag:
        return None
    if question.ware is Ware.MRI_CONTRAST:
        return with_contrast(question, priority_lines(question))
    if has_priority(question):
        return None
    flags = present_evidence(question.assessment)
    is_cord = question.assessment.has_present(*CORD_RULES)
    return card(
        question,
        "R49",
        "R49",
        Indicator.WARNING if is_cord else Indicator.INFO,
        rules=("R23", *rules_of(flags)),
        slots=question.slots(
            priority=f"@term.priority-{known_priority(question.order.priority) or 'not-stated'}",
            needed=f"@term.priority-{needed_priority(question.assessment)}",
            more=question.more_flags,
        ),
        evidence=(*flags, question.itself("R49")),
        lines=(
            *question.episode_notes(),
            Line(Section.STEP, "red-flag-purpose", rule="R23"),
            *mri_safety_lines(question.assessment.mri),
            *specify_lines(question),
        ),
        proposals=changes.raised(question),
    )


def has_priority(question: OrderQuestion) -> bool:
    """Whether the order is as urgent as its red flags ask; without a priority FHIR takes it as routine."""
    return is_as_urgent(question.order.priority, needed_priority(question.assessment))


def priority_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """What the flag asks of the priority, on a card about something else."""
    if has_priority(question):
        return ()
    needed = f"@term.priority-{needed_priority(question.assessment)}"
    return (Line(Section.STEP, "priority-needed", {"needed": needed}, "R49"),)


def specify_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """An MRI that does not say so is taken as one without contrast: ask."""
    is_open = bool(question.order.concepts & UNSPECIFIED_MRI) and question.ware is Ware.MRI
    return (Line(Section.STEP, "specify-contrast", rule="R46"),) if is_open else ()


def judge_timing(question: OrderQuestion) -> Advice | None:
    """R46, R46u, R47, R48 and their variant with contrast (R50a): no flag is open, time decides."""
    if question.has_flag:
        return None
    is_contrast = question.ware is Ware.MRI_CONTRAST
    rule, found = _by_phase(question, "R50a" if is_contrast else None)
    if not is_contrast:
        return found
    lines, loudness = contrast_lines(question)
    is_risk = loudness is Indicator.WARNING
    if found is not None:
        return structs.replace(found, indicator=loudness) if is_risk else found
    return card(
        question,
        "R50a",
        "R50a-contrast-risk" if is_risk else question.fitting("R50a-contrast"),
        loudness,
        rules=(rule,),
        slots=question.slots(**contrast_slots(lines)),
        lines=(
            *question.lines(),
            *lines,
            *mri_safety_lines(question.assessment.mri),
            Line(Section.STEP, "change-keeps-rest", rule="R50a"),
        ),
        proposals=changes.without_contrast(question, is_recommended=True),
    )


def _by_phase(question: OrderQuestion, topic: str | None) -> tuple[str, Advice | None]:
    """The timing rule that applies, and its card; ``topic`` is the rule of the variant, where it is one."""
    if question.phase is Phase.UNKNOWN:
        return "R46u", _undated(question, topic)
    if question.is_early:
        return "R46", _deferred(question, "R46", topic)
    if question.phase is Phase.BAND:
        return "R47", _band(question, topic)
    return "R48", _beyond(question, topic) if question.is_resolving else None


def _more(question: OrderQuestion, topic: str | None) -> tuple[Line, ...]:
    """What the order itself calls for: contrast, or the question about it; and a device to check."""
    device = mri_safety_lines(question.assessment.mri)
    return (*(contrast_lines(question)[0] if topic else specify_lines(question)), *device)


def _deferred(question: OrderQuestion, rule: str, topic: str | None) -> Advice:
    wording = f"{rule}-contrast" if topic else rule
    return deferred(question, topic or rule, wording, rules=(rule,), lines=_more(question, topic))


def _undated(question: OrderQuestion, topic: str | None) -> Advice:
    return card(
        question,
        topic or "R46u",
        question.fitting("R46u"),
        Indicator.INFO,
        rules=("R46u",),
        lines=(*question.lines(), *_more(question, topic)),
        proposals=changes.delete(question),
    )


def _band(question: OrderQuestion, topic: str | None) -> Advice | None:
    """R47: the trial has to be adequate and the course known."""
    if question.is_resolving:
        return _deferred(question, "R47", topic)
    trial, trajectory = question.assessment.trial, question.assessment.trajectory
    is_unknown = trajectory.course is None
    if trial.is_adequate and not is_unknown:
        return None
    is_lost = trajectory.is_unread if is_unknown else trial.is_unread
    return card(
        question,
        topic or "R47",
        question.fitting("R47-unknown" if is_unknown else "R47-incomplete", is_lost=is_lost),
        Indicator.INFO,
        rules=("R47", "R33c" if is_unknown else "R33b"),
        lines=(
            *question.lines(),
            *trial_lines(question.assessment),
            *_more(question, topic),
            *offers.missing_care_lines(question),
        ),
        proposals=offers.missing_care(question),
        selection=Selection.ANY,
    )


def _beyond(question: OrderQuestion, topic: str | None) -> Advice:
    """R48: beyond eight weeks only a resolving course speaks against the MRI."""
    return card(
        question,
        topic or "R48",
        question.fitting("R48"),
        Indicator.INFO,
        rules=("R48",),
        lines=(*question.lines(), *_more(question, topic)),
        proposals=changes.delete(question),
    )
