"""Emergencies before the pathway: S5, S6, S7, and bloodstream infection (S9). Beyond the article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import Signs, active_diagnoses, evidence_of, newest_date, newest_first, read
from cds_service.pathway.facts import Measurement
from cds_service.pathway.finding import Advice, Evidence, FlagState, Indicator, Line, Section
from cds_service.pathway.record import Record, first_day, newest_on, record_of, started_on
from cds_service.pathway.standing import covers
from cds_service.pathway.vocabulary import Site

if TYPE_CHECKING:
    from collections.abc import Collection

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Statement

_THUNDERCLAP = ("red-flag/thunderclap-headache", "red-flag/subarachnoid-haemorrhage")
_DISSECTION = ("red-flag/arterial-dissection",)
_ARTERIAL_SIGNS = (
    "red-flag/dissection-associated",
    "red-flag/visual-symptom",
    "red-flag/arterial-injury-possible",
)
_SUDDEN = frozenset({"sudden", "severe"})
_SEVERE_PAIN = "red-flag/severe-pain-possible"
_NECK = frozenset({Site.NECK, Site.OCCIPUT})
_INJURY = ("red-flag/trauma",)
_MENINGEAL = frozenset({"red-flag/meningism", "red-flag/altered-mental-status", "red-flag/meningitis"})
_MENINGITIS = ("red-flag/meningitis",)
_COMPANIONS = ("photophobia", "rash")
_HEADACHES = frozenset(
    {
        "presenting/occipital-headache",
        "presenting/cervicogenic-headache",
        "presenting/occipital-neuralgia",
        "context/headache-not-qualifying",
    }
)
_GCA_SIGNS = ("red-flag/gca-symptom", "red-flag/giant-cell-arteritis")
_VISUAL = ("red-flag/visual-symptom",)
_BLOODSTREAM = ("red-flag/bloodstream-infection",)


def judge_vascular_emergency(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """S5: thunderclap headache, suspected dissection, or sudden or severe new pain with a focal sign."""
    record = record_of(assessment.case)
    thunderclap = _recent(assessment, record, thresholds, _THUNDERCLAP)
    dissection = _recent(assessment, record, thresholds, _DISSECTION)
    pain = _sudden_pain(assessment, record, thresholds)
    signs = _recent(assessment, record, thresholds, _ARTERIAL_SIGNS) if pain else ()
    if thunderclap:
        return _emergency(assessment, thresholds, "S5", "S5-thunderclap", thunderclap + dissection)
    if dissection:
        return _emergency(assessment, thresholds, "S5", "S5-dissection", dissection + signs)
    return _emergency(assessment, thresholds, "S5", "S5-sign", signs + pain) if signs else None


def _recent(
    assessment: Assessment, record: Record, thresholds: Thresholds, concepts: Collection[str]
) -> tuple[Evidence, ...]:
    """Statements that belong to this pain: an old stroke or dissection on the problem list does not."""
    found = [s for s in record.affirmed(concepts) if _is_of_this_pain(assessment, record, thresholds, s)]
    return newest_first(evidence_of("S5", s) for s in found)


def _is_of_this_pain(
    assessment: Assessment, record: Record, thresholds: Thresholds, statement: Statement
) -> bool:
    start = started_on(statement)
    if start is None:
        return statement.is_active
    onset = assessment.episode.onset
    is_new = record.is_within(start, thresholds.sudden_pain_onset_within_days)
    if onset is None:
        return is_new
    return is_new or (first_day(onset) - start).days <= thresholds.predates_pain_days


def _sudden_pain(assessment: Assessment, record: Record, thresholds: Thresholds) -> tuple[Evidence, ...]:
    """New neck or occipital pain recorded as sudden or severe."""
    coded = [s for s in record.affirmed((_SEVERE_PAIN,)) if s.is_active and s.sites & _NECK]
    pains = [p for p in assessment.episode.pains if p.qualities & _SUDDEN]
    days = thresholds.sudden_pain_onset_within_days
    new = [p for p in pains + coded if started_on(p) is None or record.is_within(started_on(p), days)]
    return newest_first(evidence_of("S5", p) for p in new)


def _emergency(
    assessment: Assessment, thresholds: Thresholds, rule: str, wording: str, evidence: tuple[Evidence, ...]
) -> Advice:
    lines = [Line(Section.BEYOND_ARTICLE, f"{rule}-action", rule=rule)]
    recent = _recent_injuries(assessment, thresholds) if rule == "S5" else ()
    if recent:
        lines.append(Line(Section.BEYOND_ARTICLE, "S5-injury", rule="S5", evidence=recent))
    return Advice(
        rule=rule,
        wording=wording,
        indicator=Indicator.CRITICAL,
        rules=tuple(dict.fromkeys((rule, *(e.rule for e in evidence)))),
        evidence=evidence,
        lines=tuple(lines),
        newest_on=newest_date(evidence),
    )


def _recent_injuries(assessment: Assessment, thresholds: Thresholds) -> tuple[Evidence, ...]:
    """Injuries before the pain that are as recent as those the trauma rule asks about."""
    record, onset = record_of(assessment.case), assessment.episode.onset
    return newest_first(
        evidence_of("S5", s)
        for s in record.affirmed(_INJURY)
        if (start := started_on(s)) is not None
        and record.is_within(start, thresholds.trauma_lookback_days)
        and (onset is None or start <= onset.on)
    )


def judge_meningism(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """S7: fever with neck stiffness, photophobia, rash or an altered mental state; or meningitis recorded."""
    if not assessment.has_present("R5"):
        recorded = _recent_meningitis(assessment, thresholds)
        return _emergency(assessment, thresholds, "S7", "S7-recorded", recorded) if recorded else None
    signs = Signs(
        rule="S7",
        days=thresholds.coded_fever_lookback_days,
        stale_days=thresholds.coded_fever_lookback_days,
        strong=_MENINGEAL,
        denied_by=frozenset({"absent/neck-stiffness"}),
        is_several=True,
        is_denied=_is_same_sign,
    )
    reading = read(record_of(assessment.case), signs)
    # In an emergency a suspected or undated sign is a sign; one last dated before the look-back is not.
    found = [e for e in reading.present + reading.possible if "outside-look-back" not in e.notes]
    if not found:
        return None
    fever = [e for f in assessment.flags(FlagState.PRESENT) if f.rule == "R5" for e in f.evidence]
    return _emergency(assessment, thresholds, "S7", "S7", (*newest_first(found), *fever))


def _recent_meningitis(assessment: Assessment, thresholds: Thresholds) -> tuple[Evidence, ...]:
    """Active meningitis, suspected or confirmed, of the last weeks or without a date."""
    record, days = record_of(assessment.case), thresholds.coded_fever_lookback_days
    entries = active_diagnoses(record, _MENINGITIS)
    recent = [s for s in entries if s.newest_on is None or record.is_within(newest_on(s, record.as_of), days)]
    return newest_first(evidence_of("S7", s) for s in recent)


def _is_same_sign(denial: Statement, statement: Statement) -> bool:
    """One set holds neck stiffness and, by their words, its companions: a supple neck denies only itself."""
    words = statement.source.text.casefold()
    return covers(denial, statement) and not any(sign in words for sign in _COMPANIONS)


def judge_giant_cell_arteritis(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """S6: old enough, a new headache or occipital pain, and a raised marker or a symptom of the disease."""
    age = assessment.case.age_years
    if age is None or age.at_most < thresholds.gca_age_years:
        return None
    record = record_of(assessment.case)
    headaches = _new_headaches(assessment, record, thresholds)
    visual = _recent_visual(record, thresholds)
    signs = (*_raised_markers(assessment), *visual, *_gca_signs(record, visual))
    if not headaches or not signs:
        return None
    evidence = (*newest_first(signs), *headaches)
    return Advice(
        rule="S6",
        wording="S6-visual" if visual else "S6",
        indicator=Indicator.CRITICAL if visual else Indicator.WARNING,
        rules=tuple(dict.fromkeys(("S6", *(e.rule for e in evidence)))),
        evidence=evidence,
        lines=(Line(Section.BEYOND_ARTICLE, "S6-action", rule="S6"),),
        newest_on=newest_date(evidence),
    )


def _new_headaches(assessment: Assessment, record: Record, thresholds: Thresholds) -> tuple[Evidence, ...]:
    days = thresholds.gca_onset_within_days
    occipital = [p for p in assessment.episode.pains if Site.OCCIPUT in p.sites]
    entries = [s for s in record.affirmed(_HEADACHES) if s.is_active]
    unique = {id(s): s for s in occipital + entries}
    new = [s for s in unique.values() if record.is_within(started_on(s), days)]
    return newest_first(evidence_of("S6", s) for s in new)


def _raised_markers(assessment: Assessment) -> tuple[Evidence, ...]:
    """Raised ESR or CRP of the last weeks, also when too early before the pain to be a red flag."""
    found = assessment.flags(FlagState.PRESENT) + assessment.flags(FlagState.POSSIBLE)
    markers = [f for f in found if f.rule in ("R8", "R9")]
    is_sure = {f.rule: f.state is FlagState.PRESENT for f in markers}
    return tuple(e for f in markers for e in f.evidence if is_sure[f.rule] or isinstance(e.fact, Measurement))


def _recent_visual(record: Record, thresholds: Thresholds) -> tuple[Evidence, ...]:
    entries = [s for s in record.affirmed(_VISUAL) if s.is_active]
    days = thresholds.gca_onset_within_days
    recent = [s for s in entries if s.newest_on is None or record.is_within(newest_on(s, record.as_of), days)]
    return tuple(evidence_of("S6", s) for s in recent)


def _gca_signs(record: Record, visual: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Active symptoms and companion diseases; visual ones only while recent, and not twice."""
    seen = {id(e.fact) for e in visual}
    entries = [s for s in record.affirmed(_GCA_SIGNS) if s.is_active and id(s) not in seen]
    return tuple(evidence_of("S6", s) for s in entries if _VISUAL[0] not in s.concepts)


def judge_bloodstream_infection(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """S9's exception: bloodstream infection or endocarditis in the last weeks with new neck pain."""
    record = record_of(assessment.case)
    days = thresholds.bloodstream_infection_lookback_days
    day_count = assessment.episode.day
    if day_count is not None and day_count > days:
        return None
    entries = [s for s in record.affirmed(_BLOODSTREAM) if _is_recent_infection(record, s, days)]
    if not entries:
        return None
    evidence = newest_first(evidence_of("S9", s) for s in entries)
    return Advice(
        rule="S9",
        wording="S9-bloodstream",
        indicator=Indicator.WARNING,
        rules=("S9",),
        evidence=evidence,
        lines=(Line(Section.BEYOND_ARTICLE, "S9-bloodstream-action", rule="S9"),),
        newest_on=newest_date(evidence),
    )


def _is_recent_infection(record: Record, statement: Statement, days: int) -> bool:
    """Active, or over for not too long; an infection that was treated still seeds."""
    last = statement.abated.on if statement.abated else newest_on(statement, record.as_of)
    return record.is_within(last, days) or (last is None and statement.is_active)
