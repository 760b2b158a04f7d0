"""Gather the data of one call, by prefetch key: what was sent, and what is read from a FHIR server.

Only what was not sent is read: a key that is not there or holds junk, and the further pages of a set that
names a next one. What the client tried and failed to get is not asked for again.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cds_service.clinical_data import ClinicalData, DataState, KeyData
from cds_service.errors import ClinicalDataUnavailable
from cds_service.fhir_access.classify import Classified, classify, first_page, next_page
from cds_service.fhir_access.source import Begun, Order
from cds_service.fhir_access.templates import NEEDS, PATIENT_KEY, DataNeed
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cds_service.clinical_data import OrdersInHand
    from cds_service.fhir_access.allow_list import AllowList
    from cds_service.fhir_access.grant import Grant
    from cds_service.fhir_access.plain import PrefetchValue
    from cds_service.fhir_access.source import Fetch, Fetched


# Keys whose resources have a clinical status, which changed its form with R4.
WITH_STATUS = ("conditions", "allergies")


class Call(Value, frozen=True):
    """What gathering needs to know of a hook call.

    Attributes:
        patient_id: Bare id.
        encounter_id: Bare id, if given.
        user_ref: ``Type/id``.
        prefetch: As received, or decoded already where it is plain.
        required: Keys without which there is no answer.
        orders: The drafts of an order hook; None for other hooks.
        grant: The FHIR server the client lets us read from, if it does.
        servers: Servers the verified client may name; None where nobody is verified.
    """

    patient_id: str
    encounter_id: str | None
    user_ref: str
    prefetch: Mapping[str, PrefetchValue]
    required: frozenset[str]
    orders: OrdersInHand | None = None
    grant: Grant | None = None
    servers: AllowList | None = None


class Gathered(Value, frozen=True):
    """The data, what was not used of it by reason, and whether it is of FHIR before R4.

    ``fetched`` is what was read from the client's FHIR server; None when nothing was to be read.
    """

    data: ClinicalData
    dropped: Counter[str]
    fetched: Fetched | None = None

    @property
    def has_gaps(self) -> bool:
        """Whether any key was not sent, or not to its end."""
        states = {found.state for found in self.data.keys.values()}
        return DataState.NOT_TRIED in states or DataState.PARTIAL in states

    @property
    def is_old_version(self) -> bool:
        """Resource types that only DSTU2 or STU3 have, or no clinical status in the form of R4."""
        has_status = any(self.data.keys[key].resources for key in WITH_STATUS if key in self.data.keys)
        return self.dropped["old-version"] > 0 or (self.dropped["old-status"] > 0 and not has_status)


def gather(
    call: Call,
    needs: tuple[DataNeed, ...] = NEEDS,
    fetch: Fetch | None = None,
    fetched: Fetched | None = None,
) -> Gathered:
    """Every key the service asks for, with its state.

    Args:
        call: The hook call.
        needs: The queries of the service.
        fetch: Reads what is missing; None reads nothing.
        fetched: What was read for this call before, which is not read again.

    Raises:
        ClinicalDataUnavailable: A required key is not there; names the key.
    """
    classified = {need.key: classify(call.prefetch.get(need.key), need) for need in needs}
    if fetched is None and fetch is not None and call.grant is not None:
        fetched = _fetched(call, call.grant, classified, needs, fetch)
    if fetched is not None:
        classified |= {key: found for key, found in fetched.keys.items() if not _is_whole(classified[key])}
    if PATIENT_KEY in classified:
        classified[PATIENT_KEY] = _of_this_patient(classified[PATIENT_KEY], call.patient_id)
    keys = {key: found.data for key, found in classified.items()}
    missing = [key for key in sorted(call.required) if not keys[key].resources]
    if missing:
        raise ClinicalDataUnavailable(*missing)
    dropped = Counter[str]()
    for found in classified.values():
        if found.dropped:
            dropped.update(found.dropped)
    if call.orders is not None:
        dropped.update(call.orders.dropped)
    data = ClinicalData(call.patient_id, call.encounter_id, call.user_ref, keys, call.orders)
    return Gathered(data, dropped, fetched)


def _fetched(
    call: Call, grant: Grant, classified: dict[str, Classified], needs: tuple[DataNeed, ...], fetch: Fetch
) -> Fetched | None:
    """What is read for the keys that were not sent; None when every one was."""
    missing = tuple(need for need in needs if _is_missing(classified[need.key], call, need))
    begun = tuple(_begun(call, classified, needs))
    if not missing and not begun:
        return None
    return fetch(Order(call.patient_id, grant, missing, begun, call.servers))


def _is_missing(found: Classified, call: Call, need: DataNeed) -> bool:
    if need.key == PATIENT_KEY:
        found = _of_this_patient(found, call.patient_id)
    return found.data.state is DataState.NOT_TRIED


def _begun(call: Call, classified: dict[str, Classified], needs: tuple[DataNeed, ...]) -> Iterator[Begun]:
    for need in needs:
        if classified[need.key].data.state is DataState.PARTIAL:
            value = call.prefetch[need.key]
            next_url = next_page(value)
            if next_url is not None:
                yield Begun(need, first_page(value, need), next_url)


def _is_whole(found: Classified) -> bool:
    return found.data.state.is_whole


def _of_this_patient(found: Classified, patient_id: str) -> Classified:
    """A Patient with another id is nobody we were asked about."""
    if any(patient.id not in (None, patient_id) for patient in found.data.resources):
        return Classified(KeyData(DataState.NOT_TRIED), {"wrong-patient": 1})
    return found
