"""One file of reviewed data: duplicate keys and unknown members are mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import structs

from cds_service import strict_yaml
from cds_service.errors import GuidelineError
from cds_service.guideline.model import NOT_REVIEWED, Entry, ReviewState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

T = TypeVar("T")


def read_yaml(path: Path) -> dict[str, Any]:
    """The file's top-level mapping.

    Raises:
        GuidelineError: Names the file, and the line where YAML knows it.
    """
    try:
        content = strict_yaml.read(path.read_bytes())
    except OSError:
        raise GuidelineError(
            f"{path.name}: cannot be read; install the package again or check the folder"
        ) from None
    except strict_yaml.YamlMistake as mistake:
        raise GuidelineError(f"{path.name} {mistake}") from None
    if not isinstance(content, dict):
        raise GuidelineError(f"{path.name}: a mapping is expected at the top")
    return content


def entries(path: Path, section: str, entry: type[T]) -> tuple[dict[str, T], ReviewState]:
    """Entries of one section by key, and the file's review state.

    Raises:
        GuidelineError: Names file and key.
    """
    content = read_yaml(path)
    unknown = sorted(set(content) - {"review", section})
    if unknown:
        raise GuidelineError(f"{path.name}: unknown key {unknown[0]!r}; expected 'review' and {section!r}")
    state = review(path, content)
    rows = content.get(section)
    if not isinstance(rows, dict) or not rows:
        raise GuidelineError(f"{path.name}: '{section}' is missing or empty")
    made = {str(key): convert(path, str(key), value, entry) for key, value in rows.items()}
    return {key: _reviewed(row, state) for key, row in made.items()}, state


def _reviewed(row: T, state: ReviewState) -> T:
    """The entry with the file's review, unless it has one of its own."""
    if isinstance(row, Entry) and row.review is None:
        return structs.replace(row, review=state)
    return row


def review(path: Path, content: Mapping[str, Any]) -> ReviewState:
    """The review state of a whole file.

    Raises:
        GuidelineError: There is none, or it is no review.
    """
    if not content.get("review"):
        raise GuidelineError(f"{path.name}: 'review' is missing; write '{NOT_REVIEWED}' until it is")
    state: ReviewState = convert(path, "review", content["review"], ReviewState)
    return state


def convert(path: Path, key: str, value: Any, entry: Any) -> Any:
    """One entry as its type; an error names file and key."""
    try:
        return msgspec.convert(value, entry)
    except msgspec.ValidationError as error:
        raise GuidelineError(f"{path.name}, {key}: {error}") from None
