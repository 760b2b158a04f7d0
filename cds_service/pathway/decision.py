"""From a case to a decision: who is in, what was worked out, which rules speak, what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import Assessment
from cds_service.pathway.eligibility import COMFORT_CARE, judge_eligibility
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.finding import Decision
from cds_service.pathway.imaging import imaging_history
from cds_service.pathway.mri_safety import assess_mri_safety
from cds_service.pathway.order_decision import judge_orders, judge_orders_outside
from cds_service.pathway.precedence import settle
from cds_service.pathway.rules.emergencies import (
    judge_bloodstream_infection,
    judge_giant_cell_arteritis,
    judge_meningism,
    judge_vascular_emergency,
)
from cds_service.pathway.rules.imaging_phase import judge_imaging_phase, judge_unknown_onset
from cds_service.pathway.rules.initial_care import judge_initial_care
from cds_service.pathway.rules.nsaid_safety import judge_nsaid
from cds_service.pathway.rules.occipital_neuralgia import judge_occipital_neuralgia
from cds_service.pathway.rules.phase import phase_of
from cds_service.pathway.rules.pitfall import judge_pitfall
from cds_service.pathway.rules.possible_flags import judge_possible_flag, judge_surgery_for_pain
from cds_service.pathway.rules.radicular import judge_equivocal_mri, judge_surgery
from cds_service.pathway.rules.reassessment import judge_reassessment
from cds_service.pathway.rules.red_flag_cards import judge_red_flag_card
from cds_service.pathway.rules.red_flags import screen
from cds_service.pathway.rules.trauma import judge_trauma
from cds_service.pathway.therapy import assess_trial
from cds_service.pathway.trace import order_verdicts, quiet_order_verdicts, quiet_verdicts, verdicts
from cds_service.pathway.trajectory import assess_trajectory
from cds_service.pathway.vocabulary import Course
from cds_service.pathway.wishes import DEFAULT_WISHES, Wishes

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.eligibility import Eligibility
    from cds_service.pathway.facts import NotInterpretable
    from cds_service.pathway.finding import Advice, SlotValue

# What depends on how the red flags came out.
_AFTER_FLAGS = (judge_possible_flag, judge_surgery_for_pain)
# Every other card rule but the phase cards.
_CARD_RULES = (
    judge_vascular_emergency,
    judge_meningism,
    judge_trauma,
    judge_giant_cell_arteritis,
    judge_bloodstream_infection,
    judge_surgery,
    judge_equivocal_mri,
    judge_occipital_neuralgia,
    judge_pitfall,
)
# Exactly one phase card: the first that speaks.
_PHASE_RULES = (judge_unknown_onset, judge_initial_care, judge_reassessment, judge_imaging_phase)


def decide(case: NeckPainCase, thresholds: Thresholds, wishes: Wishes = DEFAULT_WISHES) -> Decision:
    """The whole outcome for one case; total: no case makes it raise.

    With orders in hand (``case.orders``) these are judged; else the chart is.

    Args:
        case: The patient, and the orders in hand.
        thresholds: The guideline's numbers.
        wishes: What the client wants of it.
    """
    episode = assess_episode(case, thresholds)
    eligibility = judge_eligibility(case, episode, thresholds)
    if case.orders is not None:
        return _decide_on_orders(case, case.orders, episode, eligibility, thresholds, wishes)
    if episode is None or not eligibility.is_in:
        return Decision(verdicts=quiet_verdicts(eligibility))
    assessment = assess(case, episode, thresholds)
    outcome = judge_red_flag_card(assessment, thresholds)
    found = [outcome.advice, _phase_card(assessment, thresholds)]
    found += [rule(assessment, outcome, thresholds) for rule in _AFTER_FLAGS]
    found += [rule(assessment, thresholds) for rule in _CARD_RULES]
    candidates = [advice for advice in found if advice is not None]
    muted = tuple(advice for advice in candidates if advice.rule in wishes.muted)
    shown = settle([advice for advice in candidates if advice not in muted], outcome, thresholds)
    return Decision(
        advice=shown.advice,
        also=shown.also,
        findings=assessment.findings,
        verdicts=verdicts(assessment, shown, muted),
        facts=_facts(assessment, thresholds),
        unclear=_unclear(case, thresholds),
        unread=case.readability.incomplete,
    )


def _decide_on_orders(
    case: NeckPainCase,
    orders: tuple[DraftOrder, ...],
    episode: Episode | None,
    eligibility: Eligibility,
    thresholds: Thresholds,
    wishes: Wishes,
) -> Decision:
    """The orders in hand, on the same assessment of the chart."""
    if episode is None or not (eligibility.is_in or eligibility.why == COMFORT_CARE):
        outside = judge_orders_outside(orders, eligibility, thresholds, wishes)
        return Decision(
            advice=outside.advice,
            also=outside.also,
            verdicts=quiet_order_verdicts(eligibility, outside.advice),
            unclear=_unclear(case, thresholds) if outside.advice else (),
            unread=case.readability.incomplete,
            ratings=outside.ratings,
        )
    assessment = assess(case, episode, thresholds)
    judged = judge_orders(orders, assessment, thresholds, wishes, is_comfort_care=not eligibility.is_in)
    return Decision(
        advice=judged.advice,
        also=judged.also,
        findings=assessment.findings,
        verdicts=order_verdicts(assessment, judged, eligibility),
        facts=_facts(assessment, thresholds),
        unclear=_unclear(case, thresholds),
        unread=case.readability.incomplete,
        ratings=judged.ratings,
    )


def assess(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> Assessment:
    """Everything that is worked out before any card is considered."""
    nsaid = judge_nsaid(case, thresholds)
    trial = assess_trial(case, episode, nsaid, thresholds)
    return Assessment(
        case=case,
        episode=episode,
        trial=trial,
        trajectory=assess_trajectory(case, episode, thresholds),
        findings=screen(case, episode, trial, thresholds),
        mri=assess_mri_safety(case, thresholds),
        imaging=imaging_history(case, episode, thresholds),
        nsaid=nsaid,
    )


def _phase_card(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R35 first: resolving pain gets no phase card at any time."""
    if assessment.trajectory.course is Course.RESOLVING:
        return None
    return next((advice for rule in _PHASE_RULES if (advice := rule(assessment, thresholds))), None)


def _unclear(case: NeckPainCase, thresholds: Thresholds) -> tuple[NotInterpretable, ...]:
    """What could not be understood, unless it is older than anything the rules look back to."""
    return tuple(
        item
        for item in case.readability.not_interpretable
        if item.on is None or (case.as_of - item.on.on).days <= thresholds.stale_after_days
    )


def _facts(assessment: Assessment, thresholds: Thresholds) -> dict[str, SlotValue]:
    """The numbers a reader of the trace wants first."""
    episode, course = assessment.episode, assessment.trajectory.course
    facts: dict[str, SlotValue] = {
        "index": episode.index.source.ref,
        "onset_kind": episode.onset_kind.value,
        "phase": phase_of(episode.day, thresholds).value,
        "therapy_days": assessment.trial.days,
        "trial_missing": assessment.trial.missing,
        "course": course.value if course else "unread" if assessment.trajectory.is_unread else "unknown",
        "mri": assessment.mri.state.value,
        "nsaid": assessment.nsaid.level.value,
    }
    if episode.onset is not None and episode.day is not None:
        facts |= {"onset": episode.onset.on, "day": episode.day}
    return facts
