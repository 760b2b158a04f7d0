"""The patient-view hook: a chart was opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from cds_service.errors import MemberInvalid, MemberMissing
from cds_service.fhir_access.gather import Call
from cds_service.fhir_access.grant import read_grant
from cds_service.fhir_access.templates import PATIENT_KEY, templates
from cds_service.protocol.discovery import ServiceDescription

if TYPE_CHECKING:
    from cds_service.protocol.request import HookRequest

SERVICE = ServiceDescription(
    id="neck-pain-patient-view",
    hook="patient-view",
    title="Neck pain pathway",
    description=(
        "Adults with neck or occipital pain: red flags that call for an MRI, conservative therapy before "
        "imaging, reassessment and referral. Answers with no card when there is nothing to advise."
    ),
    usage_requirements=(
        "FHIR R4. The patient is required; every other prefetch key is optional, and advice says what could "
        "not be read. Clinicians only: for a patient or a related person there is no card."
    ),
    prefetch=templates(),
    required=frozenset({PATIENT_KEY}),
)

# Users who are looked after rather than looking after: the pathway talks to clinicians.
LAY_USERS = ("Patient/", "RelatedPerson/")
_REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+/[^/\s]+)", re.DOTALL)


class PatientViewContext(msgspec.Struct, rename="camel", frozen=True):
    """Context of patient-view; checked by hand so that each member is named."""

    user_id: str | None = None
    patient_id: str | None = None
    encounter_id: str | None = None


_DECODER = msgspec.json.Decoder(PatientViewContext)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_context(request: HookRequest) -> PatientViewContext:
    """The context with bare patient and encounter ids and the user as ``Type/id``.

    Raises:
        MemberMissing, MemberInvalid: Names the members.
    """
    try:
        context = _DECODER.decode(request.context)
    except msgspec.ValidationError:
        raise MemberInvalid(*_not_text(request.context)) from None
    needed = {"context.userId": context.user_id, "context.patientId": context.patient_id}
    if missing := [name for name, value in needed.items() if not value]:
        raise MemberMissing(*missing)
    user = _REFERENCE.fullmatch(context.user_id or "")
    if not user:
        raise MemberInvalid("context.userId (expected ResourceType/id)")
    return PatientViewContext(user[1], bare_id(context.patient_id), bare_id(context.encounter_id))


def bare_id(text: str | None) -> str | None:
    """The id without a type or server before it: some clients send ``Patient/1``."""
    return (text or "").rpartition("/")[2] or None


def _not_text(raw: msgspec.Raw) -> list[str]:
    members = _MEMBERS.decode(raw)
    names = {"userId", "patientId", "encounterId"} & members.keys()
    return [f"context.{name}" for name in sorted(names) if bytes(members[name])[:1] not in (b'"', b"n")]


def read_call(request: HookRequest) -> Call:
    """What gathering needs of the request."""
    context = read_context(request)
    return Call(
        patient_id=context.patient_id or "",
        encounter_id=context.encounter_id,
        user_ref=context.user_id or "",
        prefetch=request.prefetch or {},
        required=SERVICE.required,
        grant=read_grant(request),
    )


def is_for_lay_user(call: Call) -> bool:
    """Whether the patient, or someone close to them, is looking."""
    return call.user_ref.startswith(LAY_USERS)
