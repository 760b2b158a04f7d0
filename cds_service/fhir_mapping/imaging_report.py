"""DiagnosticReport and ImagingStudy to finished cervical imaging, with what the report says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import period_start, when
from cds_service.fhir_mapping.described import described, sites_in
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.site_specific import with_region
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import ImagingReport
from cds_service.pathway.vocabulary import Site, Source
from cds_service.terminology import TextDomain
from cds_service.text_patterns import text_pattern
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import Coding
    from cds_service.fhir_r4.resources import DiagnosticReport, ImagingStudy
    from cds_service.pathway.vocabulary import Side

_FINAL = frozenset({"final", "amended", "corrected", "appended"})
_IMAGING = "imaging/"
_COMPRESSION, _DEGENERATIVE = "imaging/finding-nerve-root-compression", "imaging/finding-degenerative"
# Diagnoses of wear, when a report concludes with them.
_WORN = frozenset(
    {
        "presenting/cervical-spondylosis",
        "presenting/spondylosis-with-radiculopathy",
        "presenting/cervical-disc-disorder",
        "presenting/cervical-facet-syndrome",
    }
)
# Sentences of a conclusion are read by these fixed patterns only, and only without a denial.
_EQUIVOCAL = text_pattern(r"\b(?:equivocal|indeterminate|inconclusive|non-?\s?diagnostic)\b")
_ROOT = text_pattern(
    r"\b(?:nerve )?root (?:compression|impingement)"
    r"|compress\w* (?:of )?(?:the )?(?:(?:left|right) )?(?:C\d )?(?:nerve )?root"
)
_WEAR = text_pattern(
    r"\b(?:spondylosis|spondylotic|degenerative|osteophyt\w*|disc (?:degeneration|bulge|bulging|protrusion)"
    r"|facet arthropathy|uncovertebral)\b"
)
_DENIAL = text_pattern(r"\b(?:no|not|without|negative|absent|denies|rule[ds]? out)\b")
# A root that may be, or no longer is, compressed; and one of another part of the spine.
_HEDGE = text_pattern(
    r"\b(?:cannot|could|may|might|possibl[ey]|questionable|suspected|equivocal|indeterminate|resolved|resolution"
    r"|previous(?:ly)?|prior)\b"
)
_ELSEWHERE = text_pattern(r"\b(?:lumbar|thoracic|sacral|[LS]\d|T(?:[2-9]|1[0-2]))\b")
_CERVICAL = text_pattern(r"\b(?:cervical|C\d)\b")
_SENTENCE = re.compile(r"[.;\n]+(?:\s|$)")


class Conclusion(Value, frozen=True):
    """What a report's conclusion says of what the rules ask."""

    is_equivocal: bool = False
    findings: frozenset[str] = frozenset()
    side: Side | None = None
    levels: frozenset[str] = frozenset()


def from_report(report: DiagnosticReport, context: MappingContext) -> ImagingReport | None:
    """The finished imaging report; None for other reports and unfinished ones."""
    if report.status not in _FINAL:
        return None
    name = words.named(report.code, context, TextDomain.PROCEDURE)
    concepts = _imaging(name.concepts)
    if not concepts:
        return None
    said = conclusion(report, context)
    return ImagingReport(
        concepts=concepts,
        source=Source(ref_of(report), name.text),
        kind="DiagnosticReport",
        performed=when(report.effective_date_time, context) or period_start(report.effective_period, context),
        reported=when(report.issued, context),
        is_equivocal=said.is_equivocal,
        findings=said.findings,
        side=said.side,
        levels=said.levels,
    )


def conclusion(report: DiagnosticReport, context: MappingContext) -> Conclusion:
    """Coded conclusions, and what the fixed patterns find in the sentences of the text."""
    codes = report.conclusion_code or ()
    coded = words.any_named(codes, context, TextDomain.CLINICAL, TextDomain.PROCEDURE)
    findings = {c for c in coded if c in (_COMPRESSION, _DEGENERATIVE)}
    if not _WORN.isdisjoint(coded):
        findings.add(_DEGENERATIVE)
    where = " ; ".join(words.all_words(code) for code in codes)
    is_equivocal = bool(_EQUIVOCAL.search(where)) or "value/equivocal" in words.any_named(
        codes, context, TextDomain.VALUE
    )
    for sentence in _plain_sentences(report.conclusion):
        is_equivocal = is_equivocal or bool(_EQUIVOCAL.search(sentence))
        if _compresses(sentence):
            findings.add(_COMPRESSION)
            where += " ; " + sentence
        if _WEAR.search(sentence):
            findings.add(_DEGENERATIVE)
    place = described(where, context)
    return Conclusion(is_equivocal, frozenset(findings), place.side, place.levels)


def _compresses(sentence: str) -> bool:
    """Whether it plainly says that a root of the neck is compressed."""
    is_elsewhere = _ELSEWHERE.search(sentence) and not _CERVICAL.search(sentence)
    return bool(_ROOT.search(sentence)) and not _HEDGE.search(sentence) and not is_elsewhere


def _plain_sentences(text: str | None) -> Iterator[str]:
    """Sentences that deny nothing. "Non-diagnostic" is no denial."""
    for sentence in _SENTENCE.split(text or ""):
        if sentence.strip() and not _DENIAL.search(sentence):
            yield sentence


def from_study(study: ImagingStudy, context: MappingContext) -> ImagingReport | None:
    """The study that was made, without a report."""
    if study.status != "available":
        return None
    whole = [*(study.procedure_code or ())]
    if study.description:
        whole.append(CodeableConcept(text=_with_modality(_modalities(study), study.description)))
    named = words.any_named(whole, context, TextDomain.PROCEDURE)
    regions = _regions(study)
    if sites_in(words.all_words(*whole), context) <= {Site.NECK}:
        named = with_region(named, sites_in(" ; ".join(region for _, region in regions), context))
    parts = [CodeableConcept(text=_with_modality(modality, region)) for modality, region in regions]
    concepts = _imaging(named | words.any_named(parts, context, TextDomain.PROCEDURE))
    if not concepts:
        return None
    text = next((wording for item in [*whole, *parts] if (wording := words.wording(item))), "")
    return ImagingReport(
        concepts, Source(ref_of(study), text), "ImagingStudy", performed=when(study.started, context)
    )


def _modalities(study: ImagingStudy) -> list[Coding]:
    return [*(study.modality or ()), *(s.modality for s in study.series or () if s.modality)]


def _regions(study: ImagingStudy) -> list[tuple[list[Coding], str]]:
    """Modality and body site of each series, in words; a series without a modality has the study's."""
    return [
        ([series.modality] if series.modality else _modalities(study), series.body_site.display)
        for series in study.series or ()
        if series.body_site and series.body_site.display
    ]


def _with_modality(modalities: list[Coding], description: str) -> str:
    """A description, with the modality said in words when it does not say it itself."""
    named = {"MR": "MRI", "CT": "CT", "DX": "X ray", "CR": "X ray"}
    modality = next((named[c.code] for c in modalities if c.code in named), "")
    return description if modality.lower() in description.lower() else f"{modality} {description}"


def _imaging(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset(c for c in concepts if c.startswith(_IMAGING) and "finding-" not in c)
