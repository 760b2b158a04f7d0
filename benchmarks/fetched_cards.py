"""Cards from data read from a real FHIR server, compared with those from full prefetch, patient by patient.

``python -m benchmarks.fetched_cards PATH`` loads the records under PATH (as for ``run-records``) into a
server started for it and asks the service twice for each patient: with nothing but a grant, and with all in
prefetch. The day is the last one within an episode of neck pain, or the day of the last entry. The limits of
time are raised: this is about what is read, not how fast. ``--default-limits`` keeps those of amount (pages,
resources), to see what they cut.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from datetime import time as daytime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.config import Settings
from cds_service.evaluations import NECK_WORDS, PATH, InProcess
from cds_service.hooks.patient_view import SERVICE
from cds_service.records_evaluation.days import episode_days, last_day
from cds_service.records_evaluation.load import Record, read_records
from cds_service.records_evaluation.request import build_request
from cds_service.wsgi import load_knowledge
from tests.fetching import said
from tests.real_fhir import real_fhir_server

if TYPE_CHECKING:
    from datetime import date

TOKEN = "token-of-the-comparison"  # noqa: S105 - of a server started for it
PATIENT_TIMES = {"fhir_call_ms": 90_000, "fhir_total_ms": 90_000, "fhir_max_bytes": 64 * 1024 * 1024}
NO_LIMITS = {"fhir_max_pages": 50, "fhir_max_resources": 10_000}


def until(record: Record, day: date) -> Record:
    """The record as full prefetch shows it on the day: what is dated later is not on the server either."""
    request = build_request(record, tuple(SERVICE.prefetch), day)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for value in request["prefetch"].values():
        for resource in [value] if value["resourceType"] != "Bundle" else _entries(value):
            found[resource["resourceType"], resource["id"]] = resource
    return Record(record.source, record.line, tuple(found.values()))


def _entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle.get("entry", ())]


def compare(records: list[Record], days: list[date], base: str, limits: dict[str, int]) -> list[str]:
    """A line for each patient whose cards differ, and the closing counts."""
    plain = Settings(fhir_servers=base, max_body_bytes=64 * 1024 * 1024)
    settings = msgspec.structs.replace(plain, **PATIENT_TIMES, **limits)
    knowledge = load_knowledge(settings)
    lines: list[str] = []
    counts = Counter[str]()
    states = Counter[str]()
    for record, day in zip(records, days, strict=True):
        noon = datetime.combine(day, daytime(12), UTC)
        service = InProcess(knowledge, msgspec.structs.replace(settings, as_of=noon))
        full = build_request(record, tuple(SERVICE.prefetch), day)
        grant = {"fhirServer": base, "fhirAuthorization": {"access_token": TOKEN}}
        bare = {name: value for name, value in full.items() if name != "prefetch"} | grant
        status, body = service.call(SERVICE.id, bare)
        kept = service.last.gathered.data.keys if service.last else {}
        states.update(found.state.value for found in kept.values())
        whole_status, whole = service.call(SERVICE.id, full)
        is_same = (status, said(body.get("cards", []))) == (whole_status, said(whole.get("cards", [])))
        counts["same" if is_same else "different"] += 1
        counts["with cards"] += bool(whole.get("cards"))
        if not is_same:
            cut = [key for key, found in kept.items() if not found.state.is_whole]
            lines.append(
                f"{record.source} line {record.line} on {day}: differs; not whole: {', '.join(cut) or '-'}"
            )
    return [*lines, f"{len(records)} patients: {dict(counts)}; keys by state: {dict(states)}"]


def _day(record: Record) -> date:
    return max(episode_days(record, NECK_WORDS), default=last_day(record))


def main() -> None:
    """Load, compare, report; the exit status says whether all are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--default-limits", action="store_true")
    chosen = parser.parse_args()
    records = list(read_records(chosen.path))
    days = [_day(record) for record in records]
    records = [until(record, day) for record, day in zip(records, days, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "records.ndjson.gz"
        with gzip.open(data, "wt", encoding="utf-8") as stream:
            for record in records:
                bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in record.resources]}
                stream.write(json.dumps(bundle) + "\n")
        began = time.monotonic()
        with real_fhir_server(TOKEN, data=str(data)) as base:
            print(f"{PATH}: {len(records)} records loaded in {time.monotonic() - began:.0f} s", flush=True)
            lines = compare(records, days, base, {} if chosen.default_limits else NO_LIMITS)
    print("\n".join(lines))
    sys.exit(1 if len(lines) > 1 else 0)


if __name__ == "__main__":
    main()
