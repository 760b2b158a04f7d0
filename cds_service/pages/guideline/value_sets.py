"""Which value sets feed which rule, and the codes in them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import msgspec

from cds_service.pathway.rules.red_flags.concepts import MEASURED, STRONG, TARGET, WEAK
from cds_service.terminology.load import concept_of, shipped_files
from cds_service.value import Value

SYSTEM_NAMES = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.whocc.no/atc": "ATC",
}


class Concept(msgspec.Struct, frozen=True):
    """A code with its display."""

    code: str
    display: str = ""


class Include(msgspec.Struct, frozen=True):
    """The codes of one system."""

    system: str
    concept: tuple[Concept, ...] = ()

    @property
    def name(self) -> str:
        """The system's name for people, or its address."""
        return SYSTEM_NAMES.get(self.system, self.system)


class _Compose(msgspec.Struct, frozen=True):
    include: tuple[Include, ...] = ()


class _File(msgspec.Struct, frozen=True):
    url: str
    title: str
    compose: _Compose
    copyright: str = ""


class ValueSet(Value, frozen=True):
    """One value set, as the page shows it."""

    concept: str
    title: str
    includes: tuple[Include, ...]
    copyright: str
    size: int


@cache
def value_sets() -> dict[str, ValueSet]:
    """Every value set that ships, by concept; codes kept apart for their licence belong to the same set."""
    found: dict[str, ValueSet] = {}
    for path in shipped_files():
        content = msgspec.json.decode(path.read_bytes(), type=_File)
        concept = concept_of(content.url)
        before = found.get(concept)
        includes = (before.includes if before else ()) + content.compose.include
        notes = dict.fromkeys(filter(None, (before.copyright if before else "", content.copyright)))
        size = sum(len(include.concept) for include in includes)
        title = before.title if before else content.title
        found[concept] = ValueSet(concept, title, includes, " ".join(notes), size)
    return found


@cache
def concepts_by_rule() -> dict[str, tuple[str, ...]]:
    """Rule to the value sets it reads: of the red flags as the rules have them, of the others as listed."""
    text = (files("cds_service.pages.guideline") / "rule_value_sets.yaml").read_bytes()
    listed = msgspec.yaml.decode(text, type=dict[str, list[str]])
    known = sorted(value_sets())
    found = {
        rule: tuple(concept for pattern in patterns for concept in known if fnmatchcase(concept, pattern))
        for rule, patterns in listed.items()
    }
    for table in (STRONG, WEAK, MEASURED):
        for flag, concepts in table.items():
            rule = "R23" if flag == TARGET else flag
            # Muscle strength has no code: it is read from text alone, and has no value set to show.
            found[rule] = tuple(
                dict.fromkeys((*found.get(rule, ()), *sorted(concepts & value_sets().keys())))
            )
    return found
