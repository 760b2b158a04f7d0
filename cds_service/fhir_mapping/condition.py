"""Condition to statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import at_age, first_of, is_future, period_end, period_start, when
from cds_service.fhir_mapping.described import NOWHERE, described
from cds_service.fhir_mapping.references import ref_of, target
from cds_service.fhir_mapping.site_specific import with_site
from cds_service.fhir_mapping.statuses import is_active, is_recurrence, presence, status_code
from cds_service.pathway.facts import Statement
from cds_service.pathway.vocabulary import Presence, Source, When
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.described import Described
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Condition

_DOMAINS = (TextDomain.CLINICAL,)


class Diagnosis(Value, frozen=True):
    """A condition's code, what it names, all its words, and what these say about place and character."""

    code: CodeableConcept | None
    name: words.Named
    said: str
    place: Described


def statement(condition: Condition, context: MappingContext) -> Statement | None:
    """What a condition says about the patient; None when it names nothing of ours or was entered in error."""
    diagnosis = _diagnosis(condition, context)
    name = diagnosis.name
    if not name.concepts:
        return None
    stands = presence(_verification(condition, context))
    if stands is None:
        return None
    clinical = _clinical(condition, context)
    where = words.telling_words(context, *condition.body_site) if condition.body_site else ""
    found = (
        described(" ; ".join(filter(None, (diagnosis.said, where))), context) if where else diagnosis.place
    )
    abated, encounter = _abated(condition, context), target(condition.encounter)
    return Statement(
        concepts=with_site(name.concepts, diagnosis.code, found.sites, where, context),
        source=Source(ref_of(condition), name.text),
        kind="Condition",
        presence=Presence.SUSPECTED if name.is_doubtful and stands is Presence.PRESENT else stands,
        is_active=is_active(clinical, _has_ended(condition, abated, context)),
        is_recurrence=is_recurrence(clinical),
        is_status_recorded=clinical is not None,
        onset=_onset(condition, context),
        onset_text=condition.onset_string,
        recorded=_recorded(condition, context),
        abated=abated,
        sites=found.sites,
        side=found.side,
        levels=found.levels,
        qualities=found.qualities | _severity(condition, context),
        is_text_only=name.is_text_only,
        encounters=frozenset({encounter}) if encounter else words.NONE,
        is_current_encounter=_is_current(encounter, context),
    )


def _diagnosis(condition: Condition, context: MappingContext) -> Diagnosis:
    """What its code says: the same bytes are looked up once, as are those of its status."""
    said = bytes(condition.code_as_sent)
    known = context.codes.diagnoses
    found = known.get(said) or known.recall(said)
    if found is None:
        code = condition.code
        name = words.look_up(code, context, _DOMAINS) if code else words.UNNAMED
        telling = words.telling_words(context, code)
        place = described(telling, context) if name.concepts else NOWHERE
        found = known.keep(said, code, Diagnosis(code, name, telling, place))
    return found


def _severity(condition: Condition, context: MappingContext) -> frozenset[str]:
    """``severity`` is how bad it is, whatever the words of the code say."""
    if condition.severity is None:
        return words.NONE
    return described(words.telling_words(context, condition.severity), context).qualities


def _clinical(condition: Condition, context: MappingContext) -> str | None:
    said = bytes(condition.clinical_status_as_sent)
    if said not in context.statuses:
        context.statuses[said] = status_code(condition.clinical_status)
    return context.statuses[said]


def _verification(condition: Condition, context: MappingContext) -> str | None:
    said = bytes(condition.verification_status_as_sent)
    if said not in context.statuses:
        context.statuses[said] = status_code(condition.verification_status)
    return context.statuses[said]


def _onset(condition: Condition, context: MappingContext) -> When | None:
    return (
        when(condition.onset_date_time, context)
        or period_start(condition.onset_period, context)
        or at_age(condition.onset_age, context)
        or at_age(condition.onset_range.low if condition.onset_range else None, context)
    )


def _recorded(condition: Condition, context: MappingContext) -> When | None:
    changed = condition.meta.last_updated if condition.meta else None
    refuted = _verification(condition, context) == "refuted"
    # A refutation without a date of its own is dated by the last change of the entry.
    return first_of((condition.recorded_date, changed if refuted else None), context)


def _abated(condition: Condition, context: MappingContext) -> When | None:
    return (
        when(condition.abatement_date_time, context)
        or period_end(condition.abatement_period, context)
        or at_age(condition.abatement_age, context)
        or at_age(condition.abatement_range.high if condition.abatement_range else None, context)
    )


def _has_ended(condition: Condition, abated: When | None, context: MappingContext) -> bool:
    """Whether an end is recorded on or before today; an end in words has no date and still is an end."""
    if abated is not None:
        return True
    if is_future(condition.abatement_date_time, context):
        return False
    return bool(condition.abatement_string)


def _is_current(encounter: str | None, context: MappingContext) -> bool:
    return context.encounter_id is not None and encounter == f"Encounter/{context.encounter_id}"
