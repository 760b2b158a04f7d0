"""The strict loader of the guideline data."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from cds_service.errors import GuidelineError
from cds_service.guideline.checks import check_references, check_reviews, check_wordings
from cds_service.guideline.model import (
    Citation,
    Conflict,
    Guideline,
    Interpretation,
    OrderSituation,
    ReviewState,
    RuleText,
    SourceLink,
    Threshold,
    Wording,
)
from cds_service.guideline.thresholds import Thresholds
from cds_service.guideline.units import Measure
from cds_service.guideline.yaml_file import convert, entries, read_yaml, review

_META = {"version", "title", "review", "source"}


def data_directory() -> Path:
    """Where the data that ships stands."""
    return Path(str(files("cds_service.guideline"))) / "data"


def load_guideline(directory: Path | None = None) -> Guideline:
    """The guideline data of a directory, or the one that ships.

    Raises:
        GuidelineError: Something in the data is not usable; names file and key.
    """
    folder = directory or data_directory()
    meta = _meta(folder)
    reviews: dict[str, ReviewState] = {"guideline": review(folder / "guideline.yaml", meta)}

    def section(name: str, entry: Any, key: str | None = None) -> Any:
        found, reviews[name] = entries(folder / f"{name}.yaml", key or name, entry)
        return found

    numbers: dict[str, Threshold] = section("thresholds", Threshold)
    guideline = Guideline(
        version=str(meta["version"]),
        title=str(meta["title"]),
        source=convert(folder / "guideline.yaml", "source", meta["source"], SourceLink),
        thresholds=_thresholds(folder, numbers),
        units=section("units", Measure, "measures"),
        rules=section("rules", RuleText),
        wordings=_wordings(folder, reviews),
        order_situations=section("order_situations", OrderSituation, "situations"),
        conflicts=section("conflicts", Conflict),
        interpretations=section("interpretations", Interpretation),
        citations=section("citations", Citation),
        override_reasons=section("override_reasons", dict[str, str], "reasons"),
        numbers=numbers,
        reviews=reviews,
    )
    check_wordings(guideline)
    check_references(guideline)
    check_reviews(guideline)
    return guideline


def _meta(folder: Path) -> dict[str, Any]:
    path = folder / "guideline.yaml"
    meta = read_yaml(path)
    wrong = sorted(_META.symmetric_difference(meta))
    if wrong:
        raise GuidelineError(f"{path.name}: {wrong[0]!r} is {'missing' if wrong[0] in _META else 'unknown'}")
    return meta


def _thresholds(folder: Path, numbers: dict[str, Threshold]) -> Thresholds:
    path = folder / "thresholds.yaml"
    declared = {field.name for field in msgspec.structs.fields(Thresholds)}
    unknown = sorted(set(numbers) - declared)
    if unknown:
        raise GuidelineError(f"{path.name}, {unknown[0]}: no rule reads a threshold of this name")
    values = {name: number.value for name, number in numbers.items()}
    thresholds: Thresholds = convert(path, "value", values, Thresholds)
    return thresholds


def _wordings(folder: Path, reviews: dict[str, ReviewState]) -> dict[str, Wording]:
    found: dict[str, Wording] = {}
    for path in sorted((folder / "wordings").glob("*.yaml")):
        rows, reviews[f"wordings/{path.stem}"] = entries(path, "wordings", Wording)
        twice = sorted(set(rows) & set(found))
        if twice:
            raise GuidelineError(f"{path.name}, {twice[0]}: stands in another wording file too")
        found |= rows
    if not found:
        raise GuidelineError(f"{folder}: no wordings/*.yaml files")
    return found
