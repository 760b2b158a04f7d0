"""What comes before the rules on imaging: emergencies, injuries, studies done or ordered already."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.facts import ImagingReport
from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Section
from cds_service.pathway.imaging import CERVICAL_CT, CERVICAL_MRI, done_on, is_done_since
from cds_service.pathway.open_orders import is_as_urgent, open_orders
from cds_service.pathway.record import day
from cds_service.pathway.rules.emergencies import judge_meningism, judge_vascular_emergency
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import card
from cds_service.pathway.rules.orders.wares import MRI_WARES, Ware
from cds_service.pathway.rules.red_flags.concepts import CORD, DEFICITS
from cds_service.pathway.rules.red_flags.groups import needed_priority, newest_flag_on
from cds_service.pathway.rules.trauma import injury_of_pain, judge_trauma
from cds_service.pathway.vocabulary import Course

if TYPE_CHECKING:
    from cds_service.pathway.facts import Service
    from cds_service.pathway.rules.orders.question import OrderQuestion

_MODALITIES = {
    Ware.MRI: CERVICAL_MRI,
    Ware.MRI_CONTRAST: CERVICAL_MRI,
    Ware.CT: CERVICAL_CT,
    Ware.CT_MYELOGRAPHY: frozenset({"imaging/ct-myelography-cervical"}),
    Ware.XRAY: frozenset({"imaging/xray-cervical"}),
}
_NAMES = {Ware.MRI_CONTRAST: "mri"}
_NEUROLOGY = DEFICITS | CORD | {"red-flag/bilateral-symptoms", "red-flag/gait-disturbance"}


def judge_emergency(question: OrderQuestion) -> Advice | None:
    """S5 and S7: emergency assessment comes before any study; nothing is offered that delays it."""
    assessment, thresholds = question.assessment, question.thresholds
    advice = judge_vascular_emergency(assessment, thresholds) or judge_meningism(assessment, thresholds)
    return None if advice is None else _about(question, advice)


def judge_injury(question: OrderQuestion) -> Advice | None:
    """S4: the neck is cleared by the decision rules before it is imaged otherwise than by CT."""
    advice = judge_trauma(question.assessment, question.thresholds)
    if advice is None:
        return None
    return _about(question, structs.replace(advice, proposals=offers.not_drafted(question, advice.proposals)))


def _about(question: OrderQuestion, advice: Advice) -> Advice:
    """Advice on the chart, said about the order in hand."""
    evidence = (*advice.evidence, question.itself(advice.rule))
    return structs.replace(advice, order=question.order, evidence=evidence)


def is_after_injury(question: OrderQuestion) -> bool:
    """R4: the pain comes from an injury."""
    assessment = question.assessment
    return injury_of_pain(assessment.case, assessment.episode, question.thresholds) is not None


def judge_repeat(question: OrderQuestion) -> Advice | None:
    """R58: the same modality done within 90 days, or still on order."""
    if question.has_flag and _is_flag_newer(question):
        return None
    report = _recent_report(question)
    if report is not None:
        return None if _is_to_be_repeated(question, report) else _card(question, report, done_on(report))
    order = _open_order(question)
    if order is None or (question.has_flag and not _is_urgent_enough(question, order)):
        return None
    return _card(question, order, day(order.authored))


def _is_urgent_enough(question: OrderQuestion, order: Service) -> bool:
    """Whether an open order is what the flags ask for; of one less urgent the order in hand is no repeat."""
    return is_as_urgent(order.priority, needed_priority(question.assessment))


def _recent_report(question: OrderQuestion) -> ImagingReport | None:
    """Newest finished study of the modality, if it is recent."""
    concepts = _MODALITIES[question.ware]
    reports = [r for r in question.assessment.imaging.reports if r.concepts & concepts]
    return next((r for r in reports if _is_within(question, done_on(r))), None)


def _is_within(question: OrderQuestion, on: date | None) -> bool:
    as_of = question.assessment.case.as_of
    return on is not None and (as_of - on).days <= question.thresholds.duplicate_imaging_days


def _open_order(question: OrderQuestion) -> Service | None:
    """Newest order in the record that still stands and that no study has answered since."""
    if question.ware in MRI_WARES:
        return question.assessment.imaging.open_mri_order
    concepts = _MODALITIES[question.ware]
    done = [done_on(r) for r in question.assessment.imaging.reports if r.concepts & concepts]
    last = max((on for on in done if on is not None), default=None)
    case, days = question.assessment.case, question.thresholds.order_open_days
    return next(iter(open_orders(case, concepts, days, done=last)), None)


def _is_flag_newer(question: OrderQuestion) -> bool:
    """Whether a present flag is newer than the study on file; of a mere order no flag is waiting."""
    report = _recent_report(question)
    return report is not None and not is_done_since(report, newest_flag_on(question.assessment))


def _is_to_be_repeated(question: OrderQuestion, report: ImagingReport) -> bool:
    """The report settles nothing, or the neurology got worse since."""
    on = done_on(report)
    return report.is_equivocal or any(
        s.concepts & _NEUROLOGY
        and s.course is Course.PROGRESSING
        and s.course_on is not None
        and (on is None or s.course_on.on >= on)
        for s in question.assessment.case.statements
    )


def _card(question: OrderQuestion, found: ImagingReport | Service, on: date | None) -> Advice:
    is_done = isinstance(found, ImagingReport)
    evidence = (Evidence("R58", found, on), question.itself("R58"))
    return card(
        question,
        "R58",
        "R58",
        Indicator.WARNING,
        slots=question.slots(
            modality=f"@term.modality-{_NAMES.get(question.ware, question.ware.value)}",
            state="@term.already-done" if is_done else "@term.already-ordered",
            date=on or "@term.date-unknown",
        ),
        evidence=evidence,
        lines=(*question.lines(), Line(Section.STEP, "repeat-why", rule="R58")),
        proposals=changes.delete(question),
    )
