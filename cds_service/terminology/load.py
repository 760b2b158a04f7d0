"""Value sets and phrases, read at the start; a site's own value sets add to ours."""

from __future__ import annotations

from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from cds_service import strict_yaml
from cds_service.errors import TerminologyError
from cds_service.terminology.model import Terminology
from cds_service.terminology.phrases import build_phrases
from cds_service.terminology.site import read_site
from cds_service.terminology.systems import ALIASES, normal_code, normal_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Member(msgspec.Struct, gc=False):
    """One code of an expansion."""

    system: str
    code: str


class Expansion(msgspec.Struct, gc=False):
    """The codes of a value set."""

    contains: list[Member]


class Shown(msgspec.Struct, gc=False):
    """A code with its name."""

    code: str
    display: str = ""


class Include(msgspec.Struct, gc=False):
    """Codes of one system, with their names."""

    system: str
    concept: list[Shown] = []


class Compose(msgspec.Struct, gc=False):
    """What a value set is made of."""

    include: list[Include] = []


class ValueSet(msgspec.Struct, gc=False):
    """A value set of ours, as far as it is read."""

    url: str
    version: str
    title: str
    expansion: Expansion
    name: str = ""
    compose: Compose = msgspec.field(default_factory=Compose)


_DECODER = msgspec.json.Decoder(ValueSet)
URL_BASE = "https://neck-pain-cds.example/fhir/ValueSet/"


def canonical_of(concept: str) -> str:
    """Canonical URL of the value set of a concept."""
    return URL_BASE + concept.replace("/", "--")


def concept_of(url: str) -> str:
    """Concept id of a value set's canonical URL: ``.../red-flag--fever`` is ``red-flag/fever``."""
    return url.removeprefix(URL_BASE).replace("--", "/")


def load_terminology(
    site_directory: Path | None = None, system_aliases: Mapping[str, str] | None = None
) -> Terminology:
    """Everything that ships with the service, and what a site adds.

    Args:
        site_directory: ValueSet files of the site, or None.
        system_aliases: The site's own URLs for code systems.

    Raises:
        TerminologyError: A site's file is not usable; names file and line.
    """
    sets = [_DECODER.decode(_content(path)) for path in shipped_files()]
    index = Index()
    for value_set in sets:
        for system, members in groupby(value_set.expansion.contains, attrgetter("system")):
            index.add_system(concept_of(value_set.url), system, [member.code for member in members])
    labels = {concept_of(value_set.url): value_set.title for value_set in sets}
    if site_directory is not None:
        for url, system, code in read_site(site_directory, {URL_BASE + c.replace("/", "--") for c in labels}):
            index.add(concept_of(url), [(ALIASES.get(system, system), code)])
    phrases = build_phrases(_phrase_data())
    aliases = dict(system_aliases or {})
    return Terminology(sets[0].version, index.systems, aliases, phrases, labels, _displays(sets))


def _displays(sets: Iterable[ValueSet]) -> dict[tuple[str, str], str]:
    return {
        (part.system, normal_code(part.system, shown.code)): shown.display
        for value_set in sets
        for part in value_set.compose.include
        for shown in part.concept
    }


def shipped_files(directory: Path | None = None) -> list[Path]:
    """The value sets that ship; those with CPT codes stand apart, so that a site can leave them out."""
    folder = directory or Path(str(files("cds_service.terminology"))) / "data" / "valuesets"
    found = sorted(folder.rglob("*.json"))
    if not found:
        raise TerminologyError(f"no value sets in {folder}; install the package again")
    return found


def _content(path: Path) -> bytes:
    """The file's bytes; without a buffer, which for hundreds of small files costs more than reading them."""
    with open(path, "rb", buffering=0) as file:
        return file.read()


class Index:
    """Concepts by system and code, each combination of them kept once; made at every start, so in one go."""

    def __init__(self) -> None:
        self.systems: dict[str, dict[str, frozenset[str]]] = {}
        self._kept: dict[frozenset[str], frozenset[str]] = {}

    def add(self, concept: str, codes: Iterable[tuple[str, str]]) -> None:
        """Note that these codes, each with its system, name the concept."""
        by_system: dict[str, list[str]] = {}
        for system, code in codes:
            by_system.setdefault(system, []).append(code)
        for system, written in by_system.items():
            self.add_system(concept, system, written)

    def add_system(self, concept: str, system: str, written: Iterable[str]) -> None:
        """Note that these codes of one system name the concept."""
        alone = self._once(frozenset({concept}))
        table = self.systems.setdefault(system, {})
        codes = dict.fromkeys(normal_codes(system, written), alone)
        for code in table.keys() & codes.keys():
            codes[code] = self._once(table[code] | alone)
        table.update(codes)

    def _once(self, concepts: frozenset[str]) -> frozenset[str]:
        return self._kept.setdefault(concepts, concepts)


def _phrase_data() -> dict[str, Any]:
    text = files("cds_service.terminology").joinpath("data/phrases.yaml").read_bytes()
    data: dict[str, Any] = strict_yaml.read(text)
    data.pop("review")
    return data


def with_codes(terminology: Terminology, added: Mapping[str, Iterable[tuple[str, str]]]) -> Terminology:
    """The terminology with further codes; nothing is ever taken away.

    Args:
        terminology: As it is, which stays unchanged.
        added: Concept to ``(system, code)``.
    """
    index = Index()
    index.systems = {system: dict(codes) for system, codes in terminology.index.items()}
    for concept, codes in added.items():
        index.add(concept, [(ALIASES.get(system, system), code) for system, code in codes])
    return structs.replace(terminology, index=index.systems)
