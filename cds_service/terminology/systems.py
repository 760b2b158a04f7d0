"""Code systems and the names they go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

# Other names of the same systems seen in records. WHO ICD-10 (http://hl7.org/fhir/sid/icd-10) is another
# classification and is read as ICD-10-CM only where a site says so.
ALIASES = {
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "http://hl7.org/fhir/sid/icd-10-cm/": ICD10CM,
    "http://www.cms.gov/Medicare/Coding/ICD10-CM": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "http://snomed.info/sct/": SNOMED,
    "http://snomed.info/sct/731000124108": SNOMED,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "http://loinc.org/": LOINC,
    "https://loinc.org": LOINC,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "urn:oid:2.16.840.1.113883.6.4": ICD10PCS,
    "urn:oid:2.16.840.1.113883.5.83": INTERPRETATION,
    "http://hl7.org/fhir/v3/ObservationInterpretation": INTERPRETATION,
    "http://hl7.org/fhir/observation-interpretation": INTERPRETATION,
}
# Compared without the dot, which many records leave out.
DOTLESS = frozenset({ICD10CM})


def normal_code(system: str, code: str) -> str:
    """The code as it is compared within its system."""
    code = code.strip()
    return code.replace(".", "").upper() if system in DOTLESS else code


def normal_codes(system: str, codes: Iterable[str]) -> list[str]:
    """What ``normal_code`` makes of each; without a call for each, since there are 18,000 at every start."""
    if system in DOTLESS:
        return [code.strip().replace(".", "").upper() for code in codes]
    return [code.strip() for code in codes]
