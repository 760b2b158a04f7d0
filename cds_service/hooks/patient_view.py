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
from cds_service.protocol.json_text import last_of_each
from cds_service.text_patterns import INVISIBLE

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
# Wider than FHIR's ids, which real systems exceed; narrow enough to stand in a reference and a URL's path.
_ID = re.compile(rf'[^\s{INVISIBLE}"#%/<>?\\^`{{|}}]+')
_REFERENCE = re.compile(rf"(?:.*/)?([A-Z][A-Za-z]+/{_ID.pattern})", re.DOTALL)


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
    context = _decoded(request.context)
    needed = {"context.userId": context.user_id, "context.patientId": context.patient_id}
    if missing := [name for name, value in needed.items() if not value]:
        raise MemberMissing(*missing)
    user = _REFERENCE.fullmatch(context.user_id or "")
    patient, encounter = _bare_id(context.patient_id), _bare_id(context.encounter_id)
    ids = {"context.patientId": patient, "context.encounterId": encounter or "none"}
    strange = [] if user else ["context.userId (expected ResourceType/id)"]
    strange += [f"{name} (expected an id)" for name, value in ids.items() if not _ID.fullmatch(value)]
    if not user or strange:
        raise MemberInvalid(*strange)
    return PatientViewContext(user[1], patient, encounter or None)


def _decoded(raw: msgspec.Raw) -> PatientViewContext:
    for form in (bytes, last_of_each):
        try:
            return _DECODER.decode(form(raw))
        except msgspec.ValidationError:
            continue
    raise MemberInvalid(*_not_text(raw))


def _bare_id(text: str | None) -> str:
    """The id without a type or server before it: some clients send ``Patient/1``."""
    return (text or "").rpartition("/")[2]


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
