"""The reasons of an order: every one is read, since a red flag may stand behind the pain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping import condition
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.observation import map_observation
from cds_service.fhir_mapping.references import contained, is_of_other_patient, target
from cds_service.fhir_mapping.site_specific import with_site
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.fhir_r4.resources import Condition, Observation
from cds_service.pathway.facts import Measurement, NotInterpretable, Statement
from cds_service.pathway.qualifying import AT_THIS_VISIT
from cds_service.pathway.vocabulary import Presence, Site, Source, When
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.clinical_data import Draft, OrdersInHand
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import NamedReference

_PAIN = "presenting/"


class OrderReasons(Value, frozen=True):
    """What the reasons of orders say.

    Attributes:
        statements: Diagnoses, symptoms and signs they name themselves.
        shown: By reference to the record, what the words beside it say, for an entry it lacks.
        refs: Entries of the record they refer to.
        concepts: Everything they name.
        sites: Regions their words name.
        measurements: Results that came with the orders as their reason.
        not_interpretable: Such results that could not be understood.
        wrong_patient: Entries that belong to somebody else.
    """

    statements: tuple[Statement, ...] = ()
    shown: tuple[tuple[str, Statement], ...] = ()
    refs: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    sites: frozenset[Site] = frozenset()
    measurements: tuple[Measurement, ...] = ()
    not_interpretable: tuple[NotInterpretable, ...] = ()
    wrong_patient: int = 0

    @property
    def names_pain(self) -> bool:
        """Whether they name a neck or occipital pain."""
        return any(concept.startswith(_PAIN) for concept in self.concepts)

    def joined(self, other: OrderReasons) -> OrderReasons:
        """Both as one."""
        return OrderReasons(
            self.statements + other.statements,
            self.shown + other.shown,
            self.refs | other.refs,
            self.concepts | other.concepts,
            self.sites | other.sites,
            self.measurements + other.measurements,
            self.not_interpretable + other.not_interpretable,
            self.wrong_patient + other.wrong_patient,
        )


def with_reasons(
    statements: list[Statement], reasons: OrderReasons, on_record: frozenset[str]
) -> list[Statement]:
    """The statements of a record with what the reasons of the orders in hand add.

    Args:
        statements: What the record says.
        reasons: What the orders say.
        on_record: Every entry of the record that was read, as ``Type/id``, also one that says nothing.
    """
    marked = [structs.replace(s, is_order_reason=True) if _is_meant(s, reasons) else s for s in statements]
    return [*marked, *reasons.statements, *(s for ref, s in reasons.shown if ref not in on_record)]


def _is_meant(statement: Statement, reasons: OrderReasons) -> bool:
    """Whether the order refers to this entry, or names the same structural disease: it sets the clock."""
    if statement.source.ref in reasons.refs:
        return True
    return statement.kind == "Condition" and bool(statement.concepts & reasons.concepts & AT_THIS_VISIT)


def reasons_of(draft: Draft, orders: OrdersInHand, context: MappingContext) -> OrderReasons:
    """Every reason of one draft, written on it, inside it, beside it, or in the record."""
    request = draft.resource
    found = OrderReasons()
    for reason in request.reason_code or ():
        found = found.joined(_written(draft.ref, reason, context))
    for reference in request.reason_reference or ():
        found = found.joined(_referred(draft, reference, orders, context))
    return found


def _written(ref: str, reason: CodeableConcept, context: MappingContext) -> OrderReasons:
    """A reason in a code or in words; it is said now, and of a pain it does not say since when."""
    name = words.named(reason, context, TextDomain.CLINICAL)
    said = described(words.telling_words(context, reason), context)
    concepts = with_site(name.concepts, reason, said.sites, "", context)
    statement = Statement(
        concepts=concepts,
        source=Source(ref, name.text),
        kind=ref.partition("/")[0],
        presence=Presence.SUSPECTED if name.is_doubtful else Presence.PRESENT,
        is_active=True,
        sites=said.sites,
        side=said.side,
        levels=said.levels,
        qualities=said.qualities,
        is_text_only=name.is_text_only,
        is_order_reason=True,
    )
    return OrderReasons(tuple(_dated(statement, context)), concepts=concepts, sites=said.sites)


def _dated(statement: Statement, context: MappingContext) -> Iterator[Statement]:
    """The pain apart from what else the reason names, which is taken as found today."""
    pain = frozenset(c for c in statement.concepts if c.startswith(_PAIN))
    other = statement.concepts - pain
    if pain:
        yield structs.replace(statement, concepts=pain)
    if other:
        yield structs.replace(statement, concepts=other, recorded=When(context.as_of))


def _referred(
    draft: Draft, reference: NamedReference, orders: OrdersInHand, context: MappingContext
) -> OrderReasons:
    """An entry inside the draft, beside it, or in the record; else the words of the reference."""
    ref = target(reference)
    inside = _inside(draft, ref, orders)
    if inside is not None:
        return _entry(inside, context)
    shown = CodeableConcept(text=reference.display) if reference.display else None
    words_of_it = _written(draft.ref, shown, context) if shown else OrderReasons()
    if ref is None or ref.startswith(("#", "urn:")):
        return words_of_it
    # What the record says about it counts more than its name.
    shown_as = tuple((ref, statement) for statement in words_of_it.statements)
    return OrderReasons((), shown_as, frozenset({ref}), words_of_it.concepts, words_of_it.sites)


def _inside(draft: Draft, ref: str | None, orders: OrdersInHand) -> Any:
    if ref is None:
        return None
    if ref.startswith("#"):
        return next((r for r in contained(draft.resource) if f"#{r.id}" == ref), None)
    beside = (
        c.resource
        for c in orders.companions
        if ref in (c.full_url, f"{c.resource.resource_type}/{c.resource.id}")
    )
    return next(beside, None)


def _entry(resource: Any, context: MappingContext) -> OrderReasons:
    """A Condition or Observation of this patient that came with the draft."""
    if is_of_other_patient(resource, context.patient_id):
        return OrderReasons(wrong_patient=1)
    mapped = Mapped()
    if isinstance(resource, Condition):
        said = condition.statement(resource, context)
        mapped.statements += [said] if said is not None else []
    elif isinstance(resource, Observation):
        map_observation(resource, context, mapped)
    marked = tuple(structs.replace(s, is_order_reason=True) for s in mapped.statements)
    return OrderReasons(
        marked,
        concepts=frozenset[str]().union(*(s.concepts for s in marked)),
        sites=frozenset[Site]().union(*(s.sites for s in marked)),
        measurements=(*mapped.measurements, *(focused.score for focused in mapped.focused_scores)),
        not_interpretable=tuple(mapped.not_interpretable),
    )
