"""A vignette file, read strictly: who, what is recorded, which cards must follow, and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service import strict_yaml
from cds_service.vignettes.phrasebook import VignetteError

if TYPE_CHECKING:
    from pathlib import Path


class ExpectedCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one card must be. Lists name what must be there; more may be there.

    Attributes:
        rule: Topic of the card ("R23").
        indicator: info, warning or critical.
        rules: Further rules the explanation must name.
        without_rules: Rules it must not name.
        summary: Text the summary must contain.
        detail: Texts the detail must contain.
        without_detail: Texts it must not contain.
        suggests: The suggestions in any order, whole ("MRI (urgent, recommended)"); None: not checked.
    """

    rule: str
    indicator: str
    rules: tuple[str, ...] = ()
    without_rules: tuple[str, ...] = msgspec.field(default=(), name="without rules")
    summary: str = ""
    detail: tuple[str, ...] = ()
    without_detail: tuple[str, ...] = msgspec.field(default=(), name="without detail")
    suggests: tuple[str, ...] | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One variation of a vignette: what it adds to the file's patient and record, and what it expects.

    ``orders`` are in hand: selected, unless they say otherwise; with ``sign`` about to be signed.
    """

    name: str
    cards: tuple[ExpectedCard, ...]
    patient: dict[str, Any] = {}
    record: tuple[dict[str, Any], ...] = ()
    data: dict[str, str] = {}
    user: str = "Practitioner/vignette-doctor"
    orders: tuple[dict[str, Any], ...] = ()
    sign: bool = False

    @property
    def hook(self) -> str:
        """The hook of the call."""
        if not self.orders:
            return "patient-view"
        return "order-sign" if self.sign else "order-select"


class Vignette(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file: a patient, the record all variations share, and the variations."""

    id: str
    title: str
    why: str
    cases: tuple[Case, ...]
    patient: dict[str, Any] = {}
    record: tuple[dict[str, Any], ...] = ()


def load_vignettes(directory: Path) -> tuple[Vignette, ...]:
    """Every ``*.yaml`` of the directory, by file name.

    Raises:
        VignetteError: A file cannot be read as a vignette, or there is none; names the file.
    """
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise VignetteError(f"no vignette files (*.yaml) in {directory}")
    return tuple(_load(path) for path in paths)


def _load(path: Path) -> Vignette:
    try:
        return msgspec.convert(strict_yaml.read(path.read_bytes()), Vignette, builtin_types=(date, datetime))
    except strict_yaml.YamlMistake as mistake:
        raise VignetteError(f"{path.name} {mistake}") from None
    except msgspec.ValidationError as error:
        raise VignetteError(f"{path.name}: {error}") from None
