"""Builds the ValueSet files from the source tables: ``python -m cds_service.terminology.build [DIRECTORY]``.

Needs the development environment: descendants of ICD-10-CM codes come from a package with the release.
"""

from __future__ import annotations

import csv
import json
import sys
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cds_service.terminology.load import URL_BASE
from cds_service.terminology.systems import CPT, ICD10CM, LOINC, RXNORM, SNOMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERSION = "2026.1.0"
NOTICES = {
    SNOMED: "Includes SNOMED CT, copyright SNOMED International; use needs a licence.",
    LOINC: "Includes LOINC content, copyright Regenstrief Institute, Inc. and the LOINC Committee, https://loinc.org/license.",
    RXNORM: "Uses RxNorm content of the U.S. National Library of Medicine, which does not endorse this.",
    CPT: "CPT is copyright of the American Medical Association; bare codes, use needs a licence.",
}
FREE = "ICD-10-CM, ICD-10-PCS, HL7 and NCI codes are free to use."
Row = dict[str, str]


def read_source() -> list[Row]:
    """Rows of both source tables."""
    folder = Path(str(files("cds_service.terminology"))) / "source"
    rows: list[Row] = []
    for name in ("codes.csv", "codes_cpt.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            rows += csv.DictReader(stream)
    return rows


def write_all(directory: Path) -> int:
    """Write one file a concept, those with CPT codes apart; the number of files."""
    by_file: dict[str, list[Row]] = {}
    for row in read_source():
        folder = "cpt/" if row["system"] == CPT else ""
        by_file.setdefault(f"{folder}{row['concept'].replace('/', '--')}.json", []).append(row)
    for name, rows in by_file.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value_set(rows), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(by_file)


def value_set(rows: list[Row]) -> dict[str, Any]:
    """FHIR ValueSet of one concept."""
    concept, label = rows[0]["concept"], rows[0]["label"]
    name = concept.replace("/", "--")
    systems = sorted({row["system"] for row in rows})
    return {
        "resourceType": "ValueSet",
        "id": (name + ("--cpt" if systems == [CPT] else ""))[:64],
        "url": URL_BASE + name,
        "version": VERSION,
        "name": "".join(part.capitalize() for part in name.replace("--", "-").split("-")),
        "title": label,
        "status": "draft",
        "experimental": False,
        "description": f"{label}. Clinical review: not yet reviewed.",
        "copyright": " ".join(NOTICES[s] for s in systems if s in NOTICES) or FREE,
        "compose": {"include": [_include(system, rows) for system in systems]},
        "expansion": {
            "timestamp": "2026-04-01",
            "contains": [
                {"system": system, "code": code}
                for system in systems
                for code in sorted(set(_codes(system, rows)))
            ],
        },
    }


def _include(system: str, rows: Iterable[Row]) -> dict[str, Any]:
    release = {"version": version_of("simple-icd-10-cm")} if system == ICD10CM else {}
    concepts = [{"code": row["code"], "display": row["display"]} for row in rows if row["system"] == system]
    unique = {concept["code"]: concept for concept in concepts}
    return {"system": system} | release | {"concept": [unique[code] for code in sorted(unique)]}


def _codes(system: str, rows: Iterable[Row]) -> Iterator[str]:
    """The codes of a system, with everything below those marked ``descendants``."""
    import simple_icd_10_cm as icd

    for row in rows:
        if row["system"] == system:
            yield row["code"]
            if row["match"] == "descendants":
                yield from icd.get_descendants(row["code"])


if __name__ == "__main__":
    target = (
        Path(sys.argv[1])
        if len(sys.argv) > 1
        else Path(str(files("cds_service.terminology"))) / "data" / "valuesets"
    )
    sys.stdout.write(f"{write_all(target)} value sets written to {target}\n")
