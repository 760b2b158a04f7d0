"""Words of a vignette to codes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from cds_service import strict_yaml

SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "icd": "http://hl7.org/fhir/sid/icd-10-cm",
    "pcs": "http://www.cms.gov/Medicare/Coding/ICD10",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}


class VignetteError(ValueError):
    """A vignette cannot be read; says which word and what is known."""


@cache
def _book() -> dict[str, Any]:
    text = files("cds_service.vignettes").joinpath("phrasebook.yaml").read_bytes()
    book: dict[str, Any] = strict_yaml.read(text)
    return book


def concept(chapter: str, words: str) -> dict[str, Any]:
    """CodeableConcept for words of a chapter; ``text: ...`` words give a text-only concept.

    Raises:
        VignetteError: The phrasebook has no such words.
    """
    if words.startswith("text: "):
        return {"text": words.removeprefix("text: ")}
    rows = _book()[chapter].get(words)
    if rows is None:
        known = ", ".join(sorted(_book()[chapter]))
        raise VignetteError(f"no {chapter} entry for '{words}'; known: {known}")
    codings = [{"system": SYSTEMS[s], "code": code, "display": display} for s, code, display in rows]
    return {"coding": codings, "text": words}


def mr_label(words: str) -> str:
    """NCI Thesaurus code of an MR safety label."""
    code: str = _book()["labels"][words]
    return code


def words_of(chapter: str) -> tuple[str, ...]:
    """Every word of a chapter, in the order of the book."""
    return tuple(_book()[chapter])
