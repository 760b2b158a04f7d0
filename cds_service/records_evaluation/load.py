"""Patient records from files: one Bundle a line (``.ndjson``, ``.ndjson.gz``) or one a file (``.json``)."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDINGS = (".ndjson", ".ndjson.gz", ".json")


class RecordsError(ValueError):
    """The records cannot be read; says which file and line, and what is expected."""


class Record(Value, frozen=True):
    """Everything recorded about one patient, as it stands in the file.

    Attributes:
        source: Name of the file, without its ending.
        line: Line in the file, counted from 1.
        resources: The entries' resources.
    """

    source: str
    line: int
    resources: tuple[dict[str, Any], ...]


def read_records(path: Path) -> Iterator[Record]:
    """Every patient of a file, or of all files of a directory in the order of their names.

    Raises:
        RecordsError: Nothing to read there, or a line is not a Bundle.
    """
    files = sorted(f for f in path.iterdir() if f.name.endswith(_ENDINGS)) if path.is_dir() else [path]
    if not files or not all(f.is_file() for f in files):
        raise RecordsError(f"{path}: no {', '.join(_ENDINGS)} files; give a file or a directory of them")
    for file in files:
        for number, text in enumerate(_readable_lines(file), start=1):
            yield Record(file.name.split(".")[0], number, _resources(text, file, number))


def _readable_lines(file: Path) -> Iterator[str]:
    """Its lines; raises RecordsError where it is no text."""
    try:
        yield from _lines(file)
    except (UnicodeDecodeError, OSError, EOFError):
        raise RecordsError(f"{file.name}: cannot be read as text in UTF-8") from None


def _lines(file: Path) -> Iterator[str]:
    if file.name.endswith(".json"):
        yield file.read_text(encoding="utf-8")
        return
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
        yield from (line.decode("utf-8") for line in stream if line.strip())


def _resources(text: str, file: Path, line: int) -> tuple[dict[str, Any], ...]:
    try:
        bundle = json.loads(text)
        return tuple(entry["resource"] for entry in bundle["entry"] if "resource" in entry)
    except (ValueError, KeyError, TypeError):
        raise RecordsError(f"{file.name} line {line}: not a FHIR Bundle with entries") from None
