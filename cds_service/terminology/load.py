"""Value sets and phrases, read at the start; a site's own value sets add to ours."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from cds_service.errors import TerminologyError
from cds_service.terminology.model import Terminology
from cds_service.terminology.phrases import build_phrases
from cds_service.terminology.site import read_site
from cds_service.terminology.systems import ALIASES, normal_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Codes = dict[str, dict[str, set[str]]]


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
    sets = [_DECODER.decode(path.read_bytes()) for path in shipped_files()]
    codes: Codes = {}
    for value_set in sets:
        concept = concept_of(value_set.url)
        for member in value_set.expansion.contains:
            _add(codes, member.system, member.code, concept)
    labels = {concept_of(value_set.url): value_set.title for value_set in sets}
    if site_directory is not None:
        for url, system, code in read_site(site_directory, {URL_BASE + c.replace("/", "--") for c in labels}):
            _add(codes, ALIASES.get(system, system), code, concept_of(url))
    phrases = build_phrases(_phrase_data())
    aliases = dict(system_aliases or {})
    return Terminology(sets[0].version, _frozen(codes), aliases, phrases, labels, _displays(sets))


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


def _add(codes: Codes, system: str, code: str, concept: str) -> None:
    codes.setdefault(system, {}).setdefault(normal_code(system, code), set()).add(concept)


def _frozen(codes: Codes) -> dict[str, dict[str, frozenset[str]]]:
    """The same with each combination of concepts kept once."""
    kept: dict[frozenset[str], frozenset[str]] = {}
    return {
        system: {code: kept.setdefault(found, found) for code, found in _frozen_sets(table.items())}
        for system, table in codes.items()
    }


def _frozen_sets(items: Iterable[tuple[str, set[str]]]) -> Iterable[tuple[str, frozenset[str]]]:
    return ((code, frozenset(concepts)) for code, concepts in items)


def _phrase_data() -> dict[str, Any]:
    text = files("cds_service.terminology").joinpath("data/phrases.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe loaders
    data.pop("review")
    return data
