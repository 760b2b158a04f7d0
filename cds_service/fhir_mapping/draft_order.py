"""Drafts of an order hook to orders in hand, and what their reasons say about the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.described import sites_in
from cds_service.fhir_mapping.medication import as_given, drug_of, medications_by_ref
from cds_service.fhir_mapping.order_dose import most_a_day_mg
from cds_service.fhir_mapping.order_reasons import OrderReasons, reasons_of
from cds_service.fhir_mapping.readable import by_system
from cds_service.fhir_mapping.references import is_of_other_patient
from cds_service.fhir_mapping.site_specific import with_region
from cds_service.fhir_r4.drafts import DraftMedicationRequest
from cds_service.pathway.draft_order import DraftOrder
from cds_service.pathway.rules.orders.wares import may_be_judged
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.clinical_data import ClinicalData, Draft, OrdersInHand
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.medication import Medications
    from cds_service.fhir_mapping.remembered import UnknownCode

# An order that is over, or that says what not to do, is not in anybody's hand.
_OVER = frozenset({"entered-in-error", "revoked", "cancelled", "completed", "stopped", "ended"})


class InHand(Value, frozen=True):
    """The orders in hand and what came with them.

    Attributes:
        orders: Every draft that can be judged or is context for it.
        reasons: What the reasons of the judged ones say.
        wrong_patient: Drafts, and entries they give as reasons, that belong to somebody else.
        unmapped: Codes of the drafts that none of our sets knows.
        unmapped_by_system: How many these are, as the case counts them.
    """

    orders: tuple[DraftOrder, ...]
    reasons: OrderReasons
    wrong_patient: int = 0
    unmapped: frozenset[UnknownCode] = frozenset()
    unmapped_by_system: tuple[tuple[str, int], ...] = ()

    @property
    def refs(self) -> frozenset[str]:
        """The drafts as ``Type/id``: what the record holds of them is the same order, not another one."""
        return frozenset(order.source.ref for order in self.orders if order.has_id)

    @property
    def is_of_interest(self) -> bool:
        """Whether any rule can have something to say about any of them."""
        return any(may_be_judged(order) for order in self.orders)


def read_in_hand(data: ClinicalData, drafts: OrdersInHand, context: MappingContext) -> InHand:
    """The orders in hand: drafts of this patient that are not over."""
    medications = _medications(data, drafts)
    orders: list[DraftOrder] = []
    reasons = OrderReasons()
    wrong = 0
    for place, draft in enumerate(drafts.drafts):
        if is_of_other_patient(draft.resource, data.patient_id):
            wrong += 1
            continue
        order = _order(draft, place, place in drafts.chosen, medications, context)
        if order is None:
            continue
        said = reasons_of(draft, drafts, context)
        is_foreign = bool(draft.resource.reason_code) and not (said.concepts or said.sites or said.refs)
        orders.append(
            structs.replace(
                order, reasons=said.concepts, reason_sites=said.sites, has_foreign_reason=is_foreign
            )
        )
        if order.is_judged:
            reasons = reasons.joined(said)
    wrong += reasons.wrong_patient
    return InHand(tuple(orders), reasons, wrong, frozenset(context.unmapped), by_system(context))


def _medications(data: ClinicalData, orders: OrdersInHand) -> Medications:
    found = medications_by_ref(r for key in data.keys.values() for r in key.included)
    found |= medications_by_ref(companion.resource for companion in orders.companions)
    by_url = {c.full_url: c.resource for c in orders.companions if c.full_url}
    return found | {url: r for url, r in by_url.items() if r.resource_type == "Medication"}


def _order(
    draft: Draft, place: int, is_chosen: bool, medications: Medications, context: MappingContext
) -> DraftOrder | None:
    """One draft; None when it is over, an order not to do it, or turned round by an unknown modifier."""
    request = draft.resource
    if request.status in _OVER or request.do_not_perform or request.modifier_extension:
        return None
    what = _drug if isinstance(request, DraftMedicationRequest) else _service
    return structs.replace(
        what(draft, medications, context),
        place=place,
        is_judged=is_chosen,
        has_id=bool(request.id),
        status=request.status,
        authored=when(request.authored_on, context),
        resource=draft.as_received,
    )


def _service(draft: Draft, _medications: Medications, context: MappingContext) -> DraftOrder:
    request: Any = draft.resource
    code = words.in_words(request.code) if request.code else None
    name = words.named(code, context, TextDomain.PROCEDURE)
    sites = sites_in(words.telling_words(context, code, *(request.body_site or ())), context)
    return DraftOrder(
        source=Source(draft.ref, name.text or words.wording(code)),
        kind="ServiceRequest",
        concepts=with_region(name.concepts, sites),
        priority=request.priority,
        sites=sites,
    )


def _drug(draft: Draft, medications: Medications, context: MappingContext) -> DraftOrder:
    request: Any = draft.resource
    drug = as_given(drug_of(request, medications, context), request.dosage_instruction or (), context)
    return DraftOrder(
        source=Source(draft.ref, drug.text),
        kind="MedicationRequest",
        concepts=drug.concepts,
        ingredient=drug.ingredient,
        is_systemic=drug.is_systemic,
        daily_dose_mg=most_a_day_mg(request.dosage_instruction, drug.strength_mg),
    )
