"""What the mapping asks of the terminology."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.terminology.phrases import Phrases

from cds_service.terminology.systems import ALIASES, normal_code

NONE: frozenset[str] = frozenset()
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*mg\b(\s*/)?", re.IGNORECASE)


class TextDomain(StrEnum):
    """What a text is about; the phrases of one domain are not looked for in another."""

    CLINICAL = "clinical"  # diagnoses, symptoms, signs
    MEASUREMENT = "measurement"  # names of results: the whole text has to be the name
    DRUG = "drug"
    ALLERGY = "allergy"
    PROCEDURE = "procedure"
    DEVICE = "device"
    VALUE = "value"  # coded values: the whole text has to be the word


class Terminology(Value, frozen=True, gc=True, dict=True):
    """Value sets and phrases, read once at the start and never changed.

    Attributes:
        version: Version of the value sets.
        index: Code system to code to ids of the concepts it belongs to.
        aliases: Other names of code systems.
        phrases: Fixed phrases.
        labels: Concept id to a plain name.
        displays: Code system and code to the code's name, for clients that send bare codes.
    """

    version: str
    index: Mapping[str, Mapping[str, frozenset[str]]]
    aliases: Mapping[str, str]
    phrases: Phrases
    labels: Mapping[str, str]
    displays: Mapping[tuple[str, str], str] = msgspec.field(default_factory=dict)

    @cached_property
    def worked_out(self) -> dict[str, dict[bytes, tuple[Any, tuple[Any, ...]]]]:
        """What codes stand for, as far as it was asked for; it follows from all this alone."""
        return {}

    def codings(self, system: str | None, code: str | None) -> frozenset[str]:
        """Concepts of one coding; empty when the code is none of ours or has no system."""
        if not system or not code:
            return NONE
        codes = self.index.get(system)
        if codes is None:
            system = self.aliases.get(system) or ALIASES.get(system) or ""
            codes = self.index.get(system)
            if codes is None:
                return NONE
        return codes.get(code) or codes.get(normal_code(system, code)) or NONE

    def system(self, system: str) -> str:
        """Our own name of a code system; "" for one we have no codes of."""
        return system if system in self.index else self.aliases.get(system) or ALIASES.get(system) or ""

    def display(self, system: str | None, code: str | None) -> str:
        """Name of a code of ours; "" for any other."""
        if not system or not code:
            return ""
        known = self.system(system)
        return self.displays.get((known, normal_code(known, code)), "")

    def text(self, text: str, *domains: TextDomain) -> frozenset[str]:
        """Concepts a text names by one of the fixed phrases, unless it denies anything.

        Of several domains the first in which it names something counts.
        """
        return self.phrases.concepts(text, domains)

    def sites(self, text: str) -> frozenset[str]:
        """Of "neck", "occiput", "arm", "leg", "other": the regions a text names."""
        return self.phrases.words_in(text, ("neck", "occiput", "arm", "leg", "other"))

    def side(self, text: str) -> str | None:
        """Of "left", "right" and "bilateral", the side a text names."""
        sides = self.phrases.words_in(text, ("left", "right", "both"))
        if "both" in sides or len(sides) > 1:
            return "bilateral"
        return next(iter(sides), None)

    def names_a_muscle(self, text: str) -> bool:
        """Whether a text names a muscle, a movement or a part of a limb."""
        return bool(self.phrases.words_in(text, ("muscle",)))

    def drug_form_is_systemic(self, text: str, *, is_absorbed_rectally: bool = False) -> bool:
        """False for forms that act where they are applied: eye, ear, nose, skin, inhaled, rectal.

        Args:
            text: Words of the name, the form, the route or the site.
            is_absorbed_rectally: The drug acts on the whole body by that way too.
        """
        lists = ("local_forms",) if is_absorbed_rectally else ("local_forms", "rectal_forms")
        return not self.phrases.words_in(text, lists)

    def tells_of_upset_stomach_alone(self, text: str) -> bool:
        """Whether the words are an upset stomach and nothing beside it, such as bleeding or hives."""
        return bool(self.phrases.words_in(text, ("stomach",))) and self.phrases.is_made_of(
            text, ("stomach", "beside_stomach")
        )

    def ingredient(self, text: str) -> str:
        """The first ingredient name in a drug's text, lower case; "" when none is known."""
        return self.phrases.first(text, "drug")

    def strength_mg(self, text: str) -> float | None:
        """Milligrams per unit in a product's name ("20 MG Oral Tablet"); None for none or per volume."""
        found = _STRENGTH.findall(text)
        if len(found) != 1:
            return None
        amount, per_volume = found[0]
        return None if per_volume else float(amount)
