"""The synthetic cases to choose from: hook requests and vignettes of the project's fixtures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import cds_service
from cds_service.hooks.registry import SERVICES
from cds_service.value import Value
from cds_service.vignettes.hook_requests import render_request
from cds_service.vignettes.model import load_vignettes
from cds_service.vignettes.request import build_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from cds_service.vignettes.model import Case, Vignette

Request = dict[str, Any]


class Choice(Value, frozen=True):
    """A case to choose.

    Attributes:
        id: In the address of the page: ``V5.1``, ``red-flag-crp``.
        title: For people.
        why: Why it matters, of a vignette.
        expected: Topic of each card it must lead to; None where nothing is expected.
        build: The request, dated from a day.
        origin: The vignette and its case, to be saved again with what was changed.
    """

    id: str
    title: str
    build: Callable[[date], Request]
    why: str = ""
    expected: tuple[str, ...] | None = None
    origin: tuple[Vignette, Case] | None = None


def fixtures() -> Path | None:
    """The fixtures beside the package, as in a checkout, or in the current directory; None without any."""
    for folder in (Path(cds_service.__file__).resolve().parent.parent, Path.cwd()):
        if (folder / "fixtures" / "vignettes").is_dir():
            return folder / "fixtures"
    return None


@cache
def groups() -> dict[str, tuple[Choice, ...]]:
    """Every case under its heading; nothing where the fixtures were not installed."""
    folder = fixtures()
    if folder is None:
        return {}
    requests = tuple(_request(path) for path in sorted((folder / "hook_requests").glob("*.json")))
    found = {"Requests as an EHR sends them": requests}
    for vignette in load_vignettes(folder / "vignettes"):
        found[f"{vignette.id}: {vignette.title}"] = tuple(_vignette(vignette))
    return found


@cache
def choices() -> dict[str, Choice]:
    """Every case by its id."""
    return {choice.id: choice for group in groups().values() for choice in group}


def _request(path: Path) -> Choice:
    return Choice(path.stem, path.stem.replace("-", " "), partial(_dated, path))


def _dated(path: Path, as_of: date) -> Request:
    request: Request = msgspec.json.decode(render_request(path, as_of))
    return request


def _vignette(vignette: Vignette) -> Iterator[Choice]:
    for number, case in enumerate(vignette.cases, start=1):
        yield Choice(
            id=f"{vignette.id}.{number}",
            title=f"{vignette.id} {case.name}",
            build=partial(build_request, vignette, case, keys=keys_of(getattr(case, "hook", "patient-view"))),
            why=vignette.why,
            expected=tuple(card.rule for card in case.cards),
            origin=(vignette, case),
        )


def keys_of(hook: str) -> tuple[str, ...]:
    """Prefetch keys of the service that answers a hook."""
    for service in SERVICES:
        if service.description.hook == hook:
            return tuple(service.description.prefetch)
    return tuple(SERVICES[0].description.prefetch)
