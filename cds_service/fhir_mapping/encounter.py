"""Encounter to statements of its reasons, to sessions, and to what it says about conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import period_end, period_start
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.references import ref_of, target
from cds_service.fhir_mapping.site_specific import with_site
from cds_service.pathway.facts import Service, Statement
from cds_service.pathway.vocabulary import Source, When
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Encounter

_NOT_READ = frozenset({"entered-in-error", "cancelled", "planned"})
_THERAPY, _COMFORT = "therapy/physical-therapy", "procedure/palliative-hospice"


class Mention(Value, frozen=True):
    """An encounter and the conditions it names by reference."""

    ref: str
    on: When | None
    refs: frozenset[str]
    is_current: bool


def mention(encounter: Encounter, context: MappingContext) -> Mention | None:
    """What the encounter refers to; None when it did not take place."""
    if encounter.status in _NOT_READ:
        return None
    items = [*(encounter.reason_reference or ()), *(d.condition for d in encounter.diagnosis or ())]
    refs = frozenset(found for item in items if (found := target(item)))
    is_current = context.encounter_id is not None and encounter.id == context.encounter_id
    return Mention(ref_of(encounter), period_start(encounter.period, context), refs, is_current)


def reasons(encounter: Encounter, context: MappingContext) -> Iterator[Statement]:
    """What the encounter's coded reasons say about the patient."""
    about = mention(encounter, context)
    for reason in encounter.reason_code or () if about else ():
        name = words.named(reason, context, TextDomain.CLINICAL)
        said = described(words.telling_words(context, reason), context)
        concepts = with_site(name.concepts, reason, said.sites, "", context)
        if about and concepts:
            yield Statement(
                concepts=concepts,
                source=Source(about.ref, name.text),
                kind="Encounter",
                recorded=about.on,
                sites=said.sites,
                side=said.side,
                levels=said.levels,
                qualities=said.qualities,
                is_text_only=name.is_text_only,
                encounters=frozenset({about.ref}),
                is_current_encounter=about.is_current,
            )


def services(encounter: Encounter, context: MappingContext) -> Iterator[Service]:
    """A finished physical-therapy visit is a session; one that led to hospice is comfort care."""
    if encounter.status in _NOT_READ:
        return
    on = period_start(encounter.period, context) or period_end(encounter.period, context)
    for kind in _kinds(encounter):
        named = words.named(kind, context, TextDomain.PROCEDURE)
        counted = named.concepts & ({_THERAPY, _COMFORT} if encounter.status == "finished" else {_COMFORT})
        if counted:
            source = Source(ref_of(encounter), named.text)
            yield Service(frozenset(counted), source, "Encounter", "done", performed=on)


def _kinds(encounter: Encounter) -> Iterator[CodeableConcept]:
    """What kind of visit it was, and where it led."""
    yield from encounter.type or ()
    stay = encounter.hospitalization
    for kind in (encounter.service_type, stay.discharge_disposition if stay else None):
        if kind is not None:
            yield words.in_words(kind)


def with_mentions(statements: Iterable[Statement], mentions: Iterable[Mention]) -> list[Statement]:
    """The statements with what encounters say about them: current visit, newest mention."""
    by_ref: dict[str, list[Mention]] = {}
    for found in mentions:
        for ref in found.refs:
            by_ref.setdefault(ref, []).append(found)
        by_ref.setdefault(found.ref, []).append(found)
    return [_mentioned(statement, by_ref) for statement in statements]


def _mentioned(statement: Statement, by_ref: dict[str, list[Mention]]) -> Statement:
    refs = (statement.source.ref, *statement.encounters)
    found = [mention for ref in refs for mention in by_ref.get(ref, ())]
    if not found:
        return statement
    dated = [m.on for m in found if m.on is not None] + (
        [statement.last_mentioned] if statement.last_mentioned else []
    )
    named = [m for m in found if statement.source.ref in m.refs]
    return structs.replace(
        statement,
        encounters=statement.encounters | {m.ref for m in found},
        is_current_encounter=statement.is_current_encounter or any(m.is_current for m in named),
        first_mentioned=min(dated, key=lambda w: w.on, default=None),
        last_mentioned=max(dated, key=lambda w: w.on, default=None),
    )
