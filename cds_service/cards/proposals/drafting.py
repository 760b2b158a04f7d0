"""What every drafted resource is made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cds_service.cards.options import RenderOptions
    from cds_service.cards.wording import Words
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import Proposal, ProposalKind
    from cds_service.pathway.vocabulary import Source

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
UCUM = "http://unitsofmeasure.org"
_CLINICIANS = ("Practitioner/", "PractitionerRole/")


class Drafting(Value, frozen=True):
    """The case, the numbers, the words and the options of one rendering."""

    case: NeckPainCase
    thresholds: Thresholds
    words: Words
    options: RenderOptions

    def subject(self) -> dict[str, str]:
        """The patient."""
        return {"reference": self.case.subject.patient_ref}

    def encounter(self) -> dict[str, Any]:
        """``encounter`` member, when the call names one."""
        ref = self.case.subject.encounter_ref
        return {"encounter": {"reference": ref}} if ref else {}

    def requester(self) -> dict[str, Any]:
        """``requester`` member, when the user is one who orders."""
        ref = self.case.subject.user_ref
        return {"requester": {"reference": ref}} if ref.startswith(_CLINICIANS) else {}

    def notes(self, proposal: Proposal) -> list[dict[str, str]]:
        """``note`` entries in our own words."""
        return [{"text": self.words.fill(f"order-note.{key}", proposal.slots)} for key in proposal.note_keys]


def reason_references(sources: Iterable[Source], allowed: Collection[str]) -> dict[str, Any]:
    """``reasonReference`` member with the sources FHIR allows there, each once; nothing without an id."""
    refs = dict.fromkeys(s.ref for s in sources if s.ref.partition("/")[0] in allowed and "#" not in s.ref)
    known = [{"reference": ref} for ref in refs if not ref.endswith("/?")]
    return {"reasonReference": known} if known else {}


def orderable(kind: ProposalKind, standard: dict[str, Any], drafting: Drafting) -> dict[str, Any]:
    """The code something is ordered by: the client's own first, where it has one, then the standard one."""
    own = drafting.options.profile.orderables.get(kind.value)
    if own is None:
        return standard
    coding = {"system": own.system, "code": own.code, "display": own.display}
    return {"coding": [coding, *standard["coding"]], "text": own.display}


def concept(system: str, code: str, display: str) -> dict[str, Any]:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}
