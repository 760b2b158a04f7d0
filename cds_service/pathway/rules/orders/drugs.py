"""Drugs in hand: NSAIDs (R54), muscle relaxants (R55), opioids (R56)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.assessment import NsaidLevel
from cds_service.pathway.finding import GRAVEST_FIRST, Indicator, Line, Section, Selection
from cds_service.pathway.record import record_of
from cds_service.pathway.rules.cancer_treatment import is_under_treatment
from cds_service.pathway.rules.initial_care import ibuprofen, physical_therapy, spasm, unchecked_lines
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import DRUGS, card
from cds_service.pathway.rules.phase import Phase
from cds_service.pathway.rules.relaxant_safety import RelaxantLevel, judge_relaxant
from cds_service.pathway.rules.safety_chart import DRUG_KEYS, safety_chart
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice, Proposal, SlotValue
    from cds_service.pathway.rules.orders.question import OrderQuestion

_OPIOID = "drug/opioid"
_CYCLOBENZAPRINE = "drug/cyclobenzaprine"
_IBUPROFEN = "ibuprofen"
_SICKLE_CELL = "opioid-exemption/sickle-cell"
_PALLIATIVE = "procedure/palliative-hospice"
_SPASM = "presenting/neck-muscle-spasm"
_RELAXANT_INDICATORS = {
    RelaxantLevel.CRITICAL: Indicator.CRITICAL,
    RelaxantLevel.WARNING: Indicator.WARNING,
}
_NOTHING_FOUND = (NsaidLevel.NONE, NsaidLevel.UNREADABLE)
_SEDATING = {
    "term.benzodiazepine": ("drug/benzodiazepine",),
    "term.relaxant": ("drug/muscle-relaxant", "drug/cyclobenzaprine", "drug/carisoprodol"),
    "term.gabapentinoid": ("drug/gabapentinoid",),
}


def _instead(question: OrderQuestion, *, is_recommended: bool) -> tuple[Proposal, ...]:
    """Physical therapy in place of the drug; nothing where it is under way or ordered."""
    therapy = physical_therapy(question.assessment, question.thresholds)
    parts = offers.not_drafted(question, (therapy,))
    return changes.replace(question, parts, is_recommended=is_recommended)


def judge_analgesic_order(question: OrderQuestion) -> Advice | None:
    """R54; of an NSAID combined with an opioid R54 or R56, whichever is graver, with what the other says."""
    about_nsaid = judge_nsaid_order(question)
    about_opioid = judge_opioid_order(question) if _OPIOID in question.order.concepts else None
    found = [advice for advice in (about_nsaid, about_opioid) if advice is not None]
    graver, *other = sorted(found, key=lambda advice: GRAVEST_FIRST.index(advice.indicator)) or (None,)
    return _with_lines(graver, other[0]) if graver and other else graver


def _with_lines(advice: Advice, other: Advice) -> Advice:
    """One card for one order: the other's rules and lines go along, with their evidence."""
    return structs.replace(
        advice,
        rules=tuple(dict.fromkeys((*advice.rules, *other.rules))),
        lines=advice.lines + tuple(line for line in other.lines if line not in advice.lines),
    )


def judge_nsaid_order(question: OrderQuestion) -> Advice | None:
    """R54: S1 and S2 on this patient, and the most in a day."""
    safety = question.assessment.nsaid
    is_over = _is_over_maximum(question)
    if safety.level is NsaidLevel.NONE and not safety.unchecked and not is_over:
        return None
    unread = safety.unchecked if safety.level in _NOTHING_FOUND else ()
    slots = question.slots(
        reasons=tuple(f"@{reason}" for reason in (*safety.reasons, *unread)),
        dose=question.order.daily_dose_mg or 0,
        maximum=question.thresholds.ibuprofen_daily_maximum_mg,
    )
    wording, indicator, proposals = _nsaid_verdict(question)
    return card(
        question,
        "R54",
        wording,
        indicator,
        slots=slots,
        evidence=(*safety.evidence, question.itself("R54")),
        lines=(*_nsaid_lines(question, slots), *(_maximum_line(slots) if is_over else ())),
        proposals=proposals,
        override=DRUGS,
    )


def _nsaid_verdict(question: OrderQuestion) -> tuple[str, Indicator, tuple[Proposal, ...]]:
    """A danger outranks the dose: less of a drug that is ruled out is no advice."""
    level = question.assessment.nsaid.level
    if level is NsaidLevel.CRITICAL:
        return "R54-danger", Indicator.CRITICAL, _instead(question, is_recommended=True)
    if _is_over_maximum(question):
        return "R54-dose", Indicator.CRITICAL, changes.pathway_dose(question)
    if level is NsaidLevel.WARNING:
        return "R54-caution", Indicator.WARNING, _instead(question, is_recommended=False)
    return "R54-unread", Indicator.INFO, ()


def _nsaid_lines(question: OrderQuestion, slots: dict[str, SlotValue]) -> tuple[Line, ...]:
    """What was found, or could not be looked for."""
    safety = question.assessment.nsaid
    if not slots["reasons"]:
        return ()
    if safety.level in _NOTHING_FOUND:
        return (Line(Section.BEYOND_ARTICLE, "nsaid-unread", {"reasons": slots["reasons"]}, "S2"),)
    rule = "S1" if safety.level is NsaidLevel.CRITICAL else "S2"
    found = Line(Section.BEYOND_ARTICLE, "nsaid-order", {"reasons": slots["reasons"]}, rule, safety.evidence)
    return (found, *unchecked_lines(safety))


def _maximum_line(slots: dict[str, SlotValue]) -> tuple[Line, ...]:
    return (
        Line(Section.STEP, "ibuprofen-maximum", slots, "R54"),
        Line(Section.STEP, "dose-keeps-rest", rule="R54"),
    )


def _is_over_maximum(question: OrderQuestion) -> bool:
    """More ibuprofen a day than the article's maximum; without a dosage nothing is compared."""
    dose = question.order.daily_dose_mg
    is_ibuprofen = question.order.ingredient == _IBUPROFEN or "drug/ibuprofen" in question.order.concepts
    return is_ibuprofen and dose is not None and dose > question.thresholds.ibuprofen_daily_maximum_mg


def judge_relaxant_order(question: OrderQuestion) -> Advice | None:
    """R55: S3 for this drug; and whether there is acute pain with spasm at all."""
    assessment = question.assessment
    safety = judge_relaxant(assessment.case, question.thresholds, question.order.concepts)
    reasons = tuple(f"@{reason}" for reason in safety.reasons)
    is_fitting = _is_acute_spasm(question)
    wording = _relaxant_wording(question, safety.level, is_fitting=is_fitting)
    if wording is None:
        return None
    lines = [] if is_fitting else [Line(Section.STEP, "relaxant-when", rule="R30")]
    if reasons:
        lines.append(
            Line(Section.BEYOND_ARTICLE, "relaxant-order", {"reasons": reasons}, "S3", safety.evidence)
        )
        if _CYCLOBENZAPRINE in question.order.concepts:
            lines.append(Line(Section.BEYOND_ARTICLE, "cyclobenzaprine-weeks", rule="S3"))
    return card(
        question,
        "R55",
        wording,
        _RELAXANT_INDICATORS.get(safety.level, Indicator.INFO),
        rules=("S3",) if reasons else (),
        slots=question.slots(reasons=reasons),
        evidence=(*safety.evidence, question.itself("R55")),
        lines=tuple(lines),
        proposals=_instead(question, is_recommended=wording == "R55-danger") if reasons else (),
        override=DRUGS,
    )


def _is_acute_spasm(question: OrderQuestion) -> bool:
    """Spasm on record or as the order's reason, up to day 42."""
    has_spasm = bool(spasm(question.assessment.case)) or _SPASM in question.order.reasons
    return has_spasm and question.phase not in (Phase.BAND, Phase.BEYOND)


def _relaxant_wording(question: OrderQuestion, level: RelaxantLevel, *, is_fitting: bool) -> str | None:
    """What is said of the relaxant; None when it fits, or is for another part of the body."""
    if level in _RELAXANT_INDICATORS:
        return "R55-danger" if level is RelaxantLevel.CRITICAL else "R55-caution"
    if not is_fitting and question.order.is_about_elsewhere:
        return None
    if level is RelaxantLevel.UNREADABLE:
        return "R55-unread"
    return None if is_fitting else "R55"


def judge_opioid_order(question: OrderQuestion) -> Advice | None:
    """R56: no part of this pathway; a warning while better is untried or something sedating is taken too."""
    if _is_exempt(question) or question.order.is_about_elsewhere:
        return None
    chart = safety_chart(question.assessment.case, question.thresholds)
    sedating = {key: found for key, names in _SEDATING.items() if (found := chart.taking("R56", *names))}
    names = tuple(f"@{key}" for key in sedating)
    evidence = tuple(item for found in sedating.values() for item in found)
    untried = _untried_wording(question)
    # With an open red flag initial care waits: it is no alternative to be offered.
    has_alternative = untried is not None and not question.has_flag
    lines = [Line(Section.BEYOND_ARTICLE, "opioid-scope", rule="S13")]
    if has_alternative:
        lines += offers.missing_care_lines(question)
    lines += _unread_drugs(question)
    if sedating:
        lines.append(Line(Section.BEYOND_ARTICLE, "opioid-sedating", {"reasons": names}, "R56", evidence))
    better = _instead_of_opioid(question) if has_alternative else ()
    return card(
        question,
        "R56",
        "R56-sedating" if sedating else untried or "R56",
        Indicator.WARNING if sedating or untried else Indicator.INFO,
        rules=("S13",),
        slots=question.slots(reasons=names),
        evidence=(*evidence, *question.evidence("R56")),
        lines=tuple(lines),
        proposals=(*changes.replace(question, better), *(better if question.order.has_id else ())),
        selection=Selection.AT_MOST_ONE,
        override=DRUGS,
    )


def _unread_drugs(question: OrderQuestion) -> tuple[Line, ...]:
    """Drugs that sedate could not all be looked for."""
    data = question.unread(*DRUG_KEYS)
    return (Line(Section.BEYOND_ARTICLE, "opioid-unread", {"data": data}, "R56"),) if data else ()


def _untried_wording(question: OrderQuestion) -> str | None:
    """What is said while no part of care was tried, as far as that could be read; None once one was."""
    trial = question.assessment.trial
    if trial.is_documented or trial.excused >= {"nsaid", "physical-therapy"}:
        return None
    return "R56-untried-unread" if trial.is_unread else "R56-untried"


def _instead_of_opioid(question: OrderQuestion) -> tuple[Proposal, ...]:
    therapy = physical_therapy(question.assessment, question.thresholds)
    return offers.not_drafted(question, (therapy, ibuprofen(question.assessment)))


def _is_exempt(question: OrderQuestion) -> bool:
    """Cancer treatment, palliative care, sickle cell disease, or an opioid taken for long."""
    case, limits = question.assessment.case, question.thresholds
    record = record_of(case)
    stated = [
        s
        for s in record.affirmed((_SICKLE_CELL, _PALLIATIVE))
        if s.is_active and s.presence is Presence.PRESENT
    ]
    is_palliative = any(_PALLIATIVE in s.concepts for s in case.services)
    is_treated = is_under_treatment(record, limits.cancer_treatment_active_days)
    return bool(stated) or is_palliative or is_treated or _is_taken_for_long(question)


def _is_taken_for_long(question: OrderQuestion) -> bool:
    """An opioid in use that began long enough ago."""
    record = record_of(question.assessment.case)
    taken = [d for d in record.used(("drug/opioid",)) if d.is_current and d.start is not None]
    days = question.thresholds.opioid_long_term_days
    return any(d.start is not None and record.days_since(d.start.on) >= days for d in taken)
