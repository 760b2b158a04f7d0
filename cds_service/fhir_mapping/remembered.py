"""What codes stand for: looked up once a request, and the dictionary's own words once a process.

A hospital's charts share a few thousand codes. What such a code names follows from its bytes and the
terminology, so that remembering it changes no result, only its cost. A code is kept for others only when it
is nothing but codings with their names: ``text`` of its own, an extension, a coding without a code were
typed for one patient and end with the request. A ``display`` is by FHIR's rule the name the code system
gives; a client that writes anything else there leaves it in the memory of the process, never in a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.asked import Asked
    from cds_service.fhir_mapping.concepts import Named
    from cds_service.fhir_mapping.condition import Diagnosis
    from cds_service.fhir_mapping.medication import Drug
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.terminology import Terminology

T = TypeVar("T")
# A system and a code.
UnknownCode = tuple[str | None, str]
Shared = dict[bytes, tuple[T, tuple[UnknownCode, ...]]]

# Together these bound the memory of a process, whatever clients send.
MOST = 4096
LONGEST_BYTES = 2048


class Remembered(dict[bytes, T]):
    """Answers of one request by the bytes they follow from, over those every request may use."""

    __slots__ = ("_shared", "_terminology", "_unmapped")

    def __init__(self, shared: Shared[T], terminology: Terminology, unmapped: set[UnknownCode]) -> None:
        super().__init__()
        self._shared, self._terminology, self._unmapped = shared, terminology, unmapped

    def recall(self, said: bytes) -> T | None:
        """The answer an earlier request left, now this request's own, and its codes that are none of ours."""
        found = self._shared.get(said)
        if found is None:
            return None
        answer, unknown = found
        self._unmapped.update(unknown)
        self[said] = answer
        return answer

    def keep(self, said: bytes, concept: CodeableConcept | None, answer: T) -> T:
        """Remember what a code stands for, and give it back.

        Args:
            said: Its bytes.
            concept: The code itself.
            answer: What it stands for.
        """
        self[said] = answer
        if concept is None or len(said) > LONGEST_BYTES:
            return answer
        if is_of_dictionary(concept) and is_plain(said):
            if len(self._shared) >= MOST:
                self._shared.clear()
            self._shared[said] = answer, self._unknown(concept)
        return answer

    def _unknown(self, concept: CodeableConcept) -> tuple[UnknownCode, ...]:
        """Its codes, when none of them is of ours."""
        codes = [(c.system, c.code) for c in concept.coding or () if c.code]
        is_ours = any(self._terminology.codings(system, code) for system, code in codes)
        return () if is_ours else tuple(codes)


def is_of_dictionary(concept: CodeableConcept) -> bool:
    """Whether nothing of it was typed for one patient: it is coded, and its text is the name of a coding."""
    codings = concept.coding or ()
    is_coded = bool(codings) and all(coding.system and coding.code for coding in codings)
    return is_coded and (not concept.text or any(coding.display == concept.text for coding in codings))


class _Coding(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    system: str | None = None
    version: str | None = None
    code: str | None = None
    display: str | None = None
    user_selected: bool | None = None


class _Concept(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    coding: list[_Coding] | None = None
    text: str | None = None


_PLAIN = msgspec.json.Decoder(_Concept)


def is_plain(said: bytes) -> bool:
    """Whether the bytes hold nothing beside codings and text: an extension may hold anything."""
    try:
        _PLAIN.decode(said)
    except msgspec.DecodeError:
        return False
    return True


class Codes(Value, frozen=True):
    """What the codes of a request stand for.

    Attributes:
        observed: What an observation's code asks for.
        diagnoses: What a condition's code says.
        drugs: Which drug a code is.
        procedures: What a procedure's code names.
        concepts: What a code names, for the first look at a chart; None when it cannot be read.
    """

    observed: Remembered[Asked]
    diagnoses: Remembered[Diagnosis]
    drugs: Remembered[Drug]
    procedures: Remembered[Named]
    concepts: Remembered[frozenset[str] | None]


_KINDS = ("observed", "diagnoses", "drugs", "procedures", "concepts")


def codes_for_request(terminology: Terminology, unmapped: set[UnknownCode]) -> Codes:
    """A request's memory, over what earlier ones left with the terminology.

    Args:
        terminology: Codes and phrases.
        unmapped: Where codes that are none of ours are gathered.
    """
    return Codes(*[remembered(terminology, kind, unmapped) for kind in _KINDS])


def remembered(terminology: Terminology, kind: str, unmapped: set[UnknownCode]) -> Remembered[Any]:
    """A request's memory of one kind."""
    return Remembered(terminology.worked_out.setdefault(kind, {}), terminology, unmapped)
