"""Whether an MRI can be done (2.8, I-16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriSafety, MriState
from cds_service.pathway.facts import Implant, Service, Statement
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import Record, day, record_of, started_on
from cds_service.pathway.rules.pregnancy import current_pregnancy
from cds_service.pathway.rules.safety_chart import safety_chart
from cds_service.pathway.vocabulary import MrLabel, Presence
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase

_IMPLANTS = {
    "imaging/mri-contraindication-pacemaker": "term.mri-pacemaker",
    "imaging/mri-contraindication-icd": "term.mri-defibrillator",
    "imaging/mri-contraindication-neurostimulator": "term.mri-neurostimulator",
    "imaging/mri-contraindication-cochlear": "term.mri-cochlear-implant",
    "imaging/mri-contraindication-pump": "term.mri-implanted-pump",
}
_ALWAYS = {
    "imaging/mri-contraindication-stated": "term.mri-stated",
    "imaging/mri-contraindication-aneurysm-clip": "term.mri-aneurysm-clip",
    "imaging/mri-contraindication-eye-metal": "term.mri-eye-metal",
    "imaging/claustrophobia-failed-mri": "term.mri-failed-claustrophobia",
}
_CLAUSTROPHOBIA, _DECLINED = "imaging/claustrophobia", "imaging/mri-declined"
_POSSIBLE_DEVICE, _REMOVED = "imaging/mri-device-possible", "imaging/device-removed"
# What a removal says it removed; of a lead alone the device stays, and a change leaves another one.
_PACEMAKER = "imaging/mri-contraindication-pacemaker"
_REMOVED_AS = {
    _PACEMAKER: "pacemaker",
    "imaging/mri-contraindication-icd": "defibrillator",
    "imaging/mri-contraindication-neurostimulator": "stimulator",
}
# Without any of these, and without a device on file, no device or history speaks against an MRI.
_OBSTACLES = frozenset({*_IMPLANTS, *_ALWAYS, _CLAUSTROPHOBIA, _POSSIBLE_DEVICE})
_NOT_THE_DEVICE = ("lead", "electrode", "wire", "replace", "revision", "exchange")
_KEYS = frozenset({"devices", "conditions", "procedures"})
_STATES = (MriState.CONTRAINDICATED, MriState.CONDITIONAL, MriState.NOTE)


# What may name an implant, or speak against an MRI.
Entry = Statement | Service | Implant


class Obstacle(Value, frozen=True):
    """One thing that speaks against an MRI."""

    state: MriState
    reason: str
    evidence: Evidence


def assess_mri_safety(case: NeckPainCase, thresholds: Thresholds) -> MriSafety:
    """The strongest state, with its reasons."""
    record = record_of(case)
    found = [*_early_pregnancy(case, thresholds)]
    if case.implants or record.names_any(_OBSTACLES):
        found = [
            *_stated(case, record),
            *_implanted(case, record),
            *_claustrophobia(record),
            *_possible_devices(case, record),
            *found,
        ]
    state = next((s for s in _STATES if any(o.state is s for o in found)), MriState.POSSIBLE)
    decisive = [o for o in found if o.state is state]
    reasons = tuple(dict.fromkeys(o.reason for o in decisive))
    unread = _KEYS & case.readability.incomplete
    return MriSafety(state, reasons, tuple(o.evidence for o in decisive), unread)


def _active(record: Record, concept: str) -> list[Statement]:
    return [s for s in record.affirmed((concept,)) if s.is_active and s.presence is Presence.PRESENT]


def _stated(case: NeckPainCase, record: Record) -> Iterator[Obstacle]:
    """Contraindications by name, also as devices; a clip's operation proves the clip."""
    for concept, reason in _ALWAYS.items():
        devices = [i for i in case.implants if concept in i.concepts]
        facts: list[Entry] = [*_active(record, concept), *record.done((concept,)), *devices]
        for fact in facts:
            state = _by_label(fact)
            if state is not None:
                yield Obstacle(state, reason, _evidence(fact))


def _implanted(case: NeckPainCase, record: Record) -> Iterator[Obstacle]:
    """Active implants by their MR label; an unlabelled one is contraindicated until checked."""
    for concept, reason in _IMPLANTS.items():
        devices: list[Entry] = [i for i in case.implants if concept in i.concepts]
        entries: list[Entry] = [*_active(record, concept), *record.done((concept,))]
        for fact in _left(record, concept, devices) or _left(record, concept, entries):
            state = _by_label(fact)
            if state is not None:
                yield Obstacle(
                    state, reason if _is_labelled(fact) else f"{reason}-unlabelled", _evidence(fact)
                )


def _left(record: Record, concept: str, facts: Iterable[Entry]) -> list[Entry]:
    """The implants that no removal of their kind, of the same day or later, has taken out."""
    removals = [s for s in record.done((_REMOVED,)) if _removes(s, concept)]
    if not removals:
        return list(facts)
    newest = max((on for s in removals if (on := day(s.performed))), default=None)
    return [fact for fact in facts if _is_newer(fact, newest)]


def _removes(removal: Service, concept: str) -> bool:
    """Whether it took out an implant of this kind; a removal that names none is coded, and a pacemaker's."""
    said = removal.source.text.lower()
    named = [kind for kind, name in _REMOVED_AS.items() if name in said] or [_PACEMAKER]
    return concept in named and not any(word in said for word in _NOT_THE_DEVICE)


def _is_newer(fact: Entry, removed: date | None) -> bool:
    """Implanted after the removal: a replacement."""
    on = _date_of(fact)
    return on is not None and removed is not None and on > removed


def _is_labelled(fact: Entry) -> bool:
    return isinstance(fact, Implant) and fact.label is not None


def _by_label(fact: Entry) -> MriState | None:
    label = fact.label if isinstance(fact, Implant) else None
    if label is MrLabel.SAFE:
        return None
    return MriState.CONDITIONAL if label is MrLabel.CONDITIONAL else MriState.CONTRAINDICATED


def _claustrophobia(record: Record) -> Iterator[Obstacle]:
    """Claustrophobia with a declined MRI contraindicates; alone it is worth a remark."""
    declined = [*_active(record, _DECLINED), *record.done((_DECLINED,))]
    for statement in _active(record, _CLAUSTROPHOBIA):
        if declined:
            yield Obstacle(MriState.CONTRAINDICATED, "term.mri-failed-claustrophobia", _evidence(statement))
        else:
            yield Obstacle(MriState.NOTE, "term.mri-claustrophobia", _evidence(statement))


def _possible_devices(case: NeckPainCase, record: Record) -> Iterator[Obstacle]:
    devices = [i for i in case.implants if _POSSIBLE_DEVICE in i.concepts and i.label is not MrLabel.SAFE]
    remarked: list[Entry] = [*_active(record, _POSSIBLE_DEVICE), *devices]
    for fact in remarked:
        yield Obstacle(MriState.NOTE, "term.mri-device-possible", _evidence(fact))


def _early_pregnancy(case: NeckPainCase, thresholds: Thresholds) -> Iterator[Obstacle]:
    pregnancy = current_pregnancy(safety_chart(case, thresholds))
    if pregnancy is not None and (pregnancy.days is None or pregnancy.days < thresholds.first_trimester_days):
        reason = "term.mri-pregnancy-undated" if pregnancy.days is None else "term.mri-early-pregnancy"
        for evidence in pregnancy.evidence[:1]:
            yield Obstacle(MriState.NOTE, reason, evidence)


def _evidence(fact: Entry) -> Evidence:
    return Evidence("S8", fact, _date_of(fact))


def _date_of(fact: Entry) -> date | None:
    if isinstance(fact, Statement):
        return started_on(fact)
    return day(fact.performed if isinstance(fact, Service) else fact.implanted)
