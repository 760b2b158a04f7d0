"""Pain after an injury (R4) and its card (S4): the pathway waits, the neck is cleared first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.evidence import evidence_of, newest_date, newest_first
from cds_service.pathway.finding import (
    Advice,
    Evidence,
    Indicator,
    Line,
    Proposal,
    ProposalKind,
    Section,
)
from cds_service.pathway.imaging import CERVICAL_CT, done_on
from cds_service.pathway.open_orders import URGENT, is_as_urgent, open_orders
from cds_service.pathway.record import Record, day, first_day, record_of, start_of, started_on
from cds_service.pathway.rules.red_flag_parts import order_slots
from cds_service.pathway.rules.red_flags.groups import CORD_RULES
from cds_service.pathway.vocabulary import Presence, Site
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment, Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Service, Statement
    from cds_service.pathway.vocabulary import When

INJURIES = (
    "red-flag/trauma",
    "red-flag/cervical-fracture",
    "red-flag/cord-injury",
    "presenting/whiplash-cervical-sprain",
)
_EXTERNAL_CAUSE = ("context/injury-external-cause",)
# An answer to "any falls?" is not the record of one.
_DIAGNOSES = ("Condition", "Encounter")
_TINGLING = ("red-flag/sensory-deficit", "red-flag/bilateral-symptoms")
_AGE = "term.high-risk-age"
_MECHANISM = "term.recorded-mechanism"
_PARAESTHESIA = "term.limb-paraesthesia"
_LIMBS = frozenset({Site.ARM, Site.LEG})


class Injury(Value, frozen=True):
    """The newest injury this pain can come from."""

    statement: Statement
    on: date
    days_ago: int


def injury_of_pain(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> Injury | None:
    """R4: a recorded injury after which the pain began; None leaves the normal pathway.

    A pain without an onset may have begun with the injury: it is diverted, since clearing the neck comes
    first. A fall or collision without a coded injury counts where the pain is known to have begun with it.
    """
    record = record_of(case)
    falls = record.affirmed(_EXTERNAL_CAUSE) if episode.onset is not None else ()
    fitting = [
        Injury(s, on, record.days_since(on))
        for s in (*record.affirmed(INJURIES), *(s for s in falls if s.kind in _DIAGNOSES))
        if (on := started_on(s)) is not None
        and record.is_within(on, thresholds.trauma_lookback_days)
        and _has_pain_after(episode, s, on, thresholds)
    ]
    return max(
        fitting, key=lambda i: (i.on, not _is_external(i.statement), i.statement.source.ref), default=None
    )


def _is_external(statement: Statement) -> bool:
    return not statement.concepts.isdisjoint(_EXTERNAL_CAUSE)


def _has_pain_after(episode: Episode, injury: Statement, on: date, thresholds: Thresholds) -> bool:
    """Whether a pain began on the day of the injury or in the week after it."""
    if episode.onset is None:
        return True
    others = [start_of(p) for p in episode.pains if p is not episode.index]
    injured = start_of(injury)
    first = first_day(injured) if injured else on
    starts = [episode.onset, *(start for start in others if start is not None)]
    return any(_fits(start, first, on, thresholds.trauma_pain_within_days) for start in starts)


def _fits(start: When, first: date, last: date, days: int) -> bool:
    """Whether some day the start allows lies at most so many days after some day the injury allows."""
    return start.on >= first and (first_day(start) - last).days <= days


def judge_trauma(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """S4: clear the neck by a decision rule; critical with signs of cord or root."""
    injury = injury_of_pain(assessment.case, assessment.episode, thresholds)
    if injury is None:
        return None
    is_acute = injury.days_ago <= thresholds.trauma_acute_days
    features = _high_risk(assessment, injury, thresholds)
    evidence = (evidence_of("S4", injury.statement), *newest_first(e for f in features.values() for e in f))
    wording, indicator = _severity(assessment, is_acute)
    order, scanned_on = _ordered_scan(assessment, injury, thresholds), _scanned_on(assessment)
    is_scanned = scanned_on is not None and scanned_on >= injury.on
    is_in_hand = is_scanned or (order is not None and _is_enough(order))
    needs_scan = is_acute and not is_in_hand
    return Advice(
        rule="S4",
        wording=wording,
        indicator=indicator,
        rules=("S4", "R4"),
        slots={"date": injury.on, "days": injury.days_ago},
        evidence=evidence,
        lines=(
            *_lines(assessment, is_acute, tuple(f"@{key}" for key in features)),
            *(_ordered_lines(order) if order is not None else ()),
        ),
        proposals=(_scan(assessment, injury, frozenset(features)),) if needs_scan else (),
        override="imaging" if is_acute else None,
        newest_on=newest_date(evidence),
    )


def _severity(assessment: Assessment, is_acute: bool) -> tuple[str, Indicator]:
    """Wording and indicator: signs of cord or root outrank how long ago the injury was."""
    if assessment.has_present(*CORD_RULES):
        return "S4-cord", Indicator.CRITICAL
    return ("S4", Indicator.WARNING) if is_acute else ("S4-late", Indicator.INFO)


def _high_risk(assessment: Assessment, injury: Injury, thresholds: Thresholds) -> dict[str, list[Evidence]]:
    """Recorded features of the decision rules, by the wording key of their name."""
    record, age = record_of(assessment.case), assessment.case.age_years
    tingling = _tingling(record, injury)
    mechanism = [
        evidence_of("S4", s) for s in record.affirmed(_EXTERNAL_CAUSE) if _is_of(s, injury, thresholds)
    ]
    found: dict[str, list[Evidence]] = {}
    if age is not None and age.at_most >= thresholds.csr_high_risk_age_years:
        found[_AGE] = []
    if mechanism:
        found[_MECHANISM] = mechanism
    if tingling:
        found[_PARAESTHESIA] = tingling
    return found


def _tingling(record: Record, injury: Injury) -> list[Evidence]:
    """Numbness or tingling of a limb recorded since the injury."""
    entries = [s for s in record.affirmed(_TINGLING) if s.is_active and s.presence is Presence.PRESENT]
    of_limb = [s for s in entries if s.sites & _LIMBS or _TINGLING[1] in s.concepts]
    return [evidence_of("S4", s) for s in of_limb if (start := started_on(s)) is None or start >= injury.on]


def _is_of(cause: Statement, injury: Injury, thresholds: Thresholds) -> bool:
    """Whether an external cause was recorded about the time of the injury."""
    on = started_on(cause)
    return on is not None and abs((on - injury.on).days) <= thresholds.trauma_pain_within_days


def _lines(assessment: Assessment, is_acute: bool, features: tuple[str, ...]) -> tuple[Line, ...]:
    missing = ["@term.alertness", "@term.rotation"]
    if not assessment.has_present("R22"):
        missing.append("@term.midline-tenderness")
    lines = [
        Line(Section.STEP, "trauma-diverted", rule="R4"),
        Line(Section.BEYOND_ARTICLE, "trauma-rule" if is_acute else "trauma-late", rule="S4"),
    ]
    if features:
        lines.append(Line(Section.BEYOND_ARTICLE, "trauma-features", {"features": features}, "S4"))
    lines.append(Line(Section.BEYOND_ARTICLE, "trauma-missing", {"missing": tuple(missing)}, "S4"))
    return tuple(lines)


def _scanned_on(assessment: Assessment) -> date | None:
    """Day of the newest CT of the neck."""
    scans = [done_on(r) for r in assessment.imaging.reports if r.concepts & CERVICAL_CT]
    return max((on for on in scans if on is not None), default=None)


def _ordered_scan(assessment: Assessment, injury: Injury, thresholds: Thresholds) -> Service | None:
    """The most urgent CT of the neck that may be ordered since the injury; an older order is for another."""
    done, days = _scanned_on(assessment), thresholds.order_open_days
    orders = open_orders(assessment.case, CERVICAL_CT, days, done=done)
    return next((o for o in orders if o.authored is None or o.authored.on >= injury.on), None)


def _is_enough(order: Service) -> bool:
    """Surely ordered since the injury, and as urgent as an injury asks."""
    return order.authored is not None and is_as_urgent(order.priority, URGENT)


def _ordered_lines(order: Service) -> tuple[Line, ...]:
    key = "trauma-ct-ordered" if _is_enough(order) else "trauma-ct-ordered-slow"
    evidence = (Evidence("S4", order, day(order.authored)),)
    return (Line(Section.BEYOND_ARTICLE, key, order_slots(order, URGENT), "S4", evidence),)


def _scan(assessment: Assessment, injury: Injury, features: frozenset[str]) -> Proposal:
    """CT of the cervical spine; marked recommended when a high-risk feature or a cord sign is on record.

    A recorded mechanism is named but not judged: whether it was dangerous no code says.
    """
    is_high_risk = bool(features - {_MECHANISM}) or assessment.has_present(*CORD_RULES)
    return Proposal(
        ProposalKind.CT_CERVICAL,
        is_recommended=is_high_risk,
        priority=URGENT,
        reasons=(assessment.episode.index.source, injury.statement.source),
        note_keys=("trauma",),
        slots={"date": injury.on},
    )
