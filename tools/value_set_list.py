"""Write the list of value sets into docs/terminology.md: ``python -m tools.value_set_list``.

A test compares the page with what this makes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.terminology.load import concept_of, shipped_files
from cds_service.terminology.systems import CPT, ICD10CM, ICD10PCS, INTERPRETATION, LOINC, RXNORM, SNOMED

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent / "docs" / "terminology.md"
BEGIN, END = "<!-- value sets: written by tools/value_set_list.py -->\n", "<!-- value sets: end -->\n"
SYSTEMS = {
    SNOMED: "SNOMED CT",
    ICD10CM: "ICD-10-CM",
    ICD10PCS: "ICD-10-PCS",
    LOINC: "LOINC",
    RXNORM: "RxNorm",
    CPT: "CPT",
    INTERPRETATION: "HL7 v3",
    "http://terminology.hl7.org/CodeSystem/goal-achievement": "HL7 goal",
    "http://terminology.hl7.org/CodeSystem/condition-clinical": "HL7 condition",
    "http://terminology.hl7.org/CodeSystem/discharge-disposition": "HL7 discharge",
    "urn:oid:2.16.840.1.113883.3.26.1.1": "NCI",
}
GROUPS = {
    "presenting": "pains that bring a chart into the pathway, and structural neck conditions",
    "red-flag": "evidence for a red flag or an emergency; sets named `-possible` only suggest it",
    "absent": "codes whose very meaning is that something is not there",
    "context": "looks similar and must not fire",
    "risk": "further risks, and other causes of a sign",
    "obs": "what was measured or asked",
    "value": "what an answer or a laboratory flag says",
    "course": "better, stable, worse",
    "attribute": "side of the body",
    "imaging": "studies, what they found, and what speaks against an MRI",
    "device": "MR safety labels",
    "therapy": "conservative therapy",
    "referral": "referrals",
    "procedure": "other procedures",
    "drug": "drugs by ingredient and product, and codes for long-term use",
    "nsaid-caution": "what speaks against an NSAID",
    "relaxant-caution": "what speaks against a muscle relaxant",
    "opioid-exemption": "kept for the order hooks",
}


def lines() -> Iterator[str]:
    """The list: a table a group."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    titles: dict[str, str] = {}
    for path in shipped_files():
        value_set = json.loads(path.read_text(encoding="utf-8"))
        concept = concept_of(value_set["url"])
        titles[concept] = value_set["title"]
        counts[concept].update(SYSTEMS[member["system"]] for member in value_set["expansion"]["contains"])
    total = sum(found.total() for found in counts.values())
    yield f"{len(counts)} value sets, {total} codes; a code can be in several sets."
    for group, purpose in GROUPS.items():
        yield from (
            "",
            f"**{group}**: {purpose}.",
            "",
            "| Value set | What it names | Codes |",
            "| --- | --- | --- |",
        )
        for concept in sorted(concept for concept in counts if concept.startswith(f"{group}/")):
            by_system = ", ".join(f"{system} {count}" for system, count in sorted(counts[concept].items()))
            yield f"| `{concept.replace('/', '--')}` | {titles[concept]} | {by_system} |"


def page_with_list(page: str) -> str:
    """The page with its list made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n" + "\n".join(lines()) + f"\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_list(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE} is up to date")
