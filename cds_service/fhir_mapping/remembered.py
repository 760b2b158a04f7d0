"""What codes stand for, kept from one request to the next: a hospital's charts share a few thousand codes.

Only answers that follow from the bytes of a code and the terminology are kept, so that remembering one can
change no result, only its cost. Nothing a code does not say (a value, a date, a patient) is among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from cds_service.fhir_mapping.condition import Diagnosis
    from cds_service.fhir_mapping.medication import Drug
    from cds_service.fhir_mapping.observation import Asked
    from cds_service.pathway.vocabulary import Flagging
    from cds_service.terminology import Terminology

T = TypeVar("T")

# Together these bound the memory of a process, whatever clients send.
MOST = 4096
LONGEST_BYTES = 2048


class Remembered(dict[bytes, T]):
    """Answers by the bytes they follow from."""

    def keep(self, said: bytes, answer: T) -> T:
        """Remember an answer and give it back; very long words are not kept, a full memory is emptied."""
        if len(said) <= LONGEST_BYTES:
            if len(self) >= MOST:
                self.clear()
            self[said] = answer
        return answer


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of one terminology stand for.

    Attributes:
        observed: What an observation's code asks for.
        diagnoses: What a condition's code says.
        statuses: What a status says.
        flags: What a laboratory's flag says.
        drugs: Which drug a code is.
        may_be_pain: Whether a code may name a pain, for the first look at a chart; None: its value decides.
        concepts: What a code names, likewise; None when it cannot be read.
    """

    observed: Remembered[Asked] = field(default_factory=Remembered)
    diagnoses: Remembered[Diagnosis] = field(default_factory=Remembered)
    statuses: Remembered[str | None] = field(default_factory=Remembered)
    flags: Remembered[Flagging | None] = field(default_factory=Remembered)
    drugs: Remembered[Drug] = field(default_factory=Remembered)
    may_be_pain: Remembered[bool | None] = field(default_factory=Remembered)
    concepts: Remembered[frozenset[str] | None] = field(default_factory=Remembered)


def codes_of(terminology: Terminology) -> Codes:
    """The memory that belongs to a terminology; made once."""
    made = terminology.worked_out.get("codes")
    if not isinstance(made, Codes):
        made = terminology.worked_out["codes"] = Codes()
    return made
