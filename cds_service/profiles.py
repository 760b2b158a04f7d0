"""Client profiles: what each client can do and wants, from one TOML file or the registry of clients.

``[default]`` holds for every client; ``[client."<issuer>"]`` for one, and inherits what it does not say. The
registry may hold a client's section beside the rest about it (``profile``).
Where callers are verified, the issuer of a call's token says which one holds; else it is the default one.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.cards.options import BEHAVIOURS, CREATES, DEFAULT_PROFILE, ClientProfile, Orderable
from cds_service.errors import ProfileError
from cds_service.pathway.finding import ProposalKind
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

_SECTIONS = ("default", "client")
_INTENTS = ("order", "proposal")
_ORDERABLE = ("system", "code", "display")
# What a client can order by a code of its own: the resources with a code.
ORDERABLE_KINDS = tuple(
    kind.value
    for kind in (
        ProposalKind.MRI,
        ProposalKind.CT_MYELOGRAPHY,
        ProposalKind.CT_CERVICAL,
        ProposalKind.PHYSICAL_THERAPY,
        ProposalKind.IBUPROFEN,
        ProposalKind.SPINE_SURGERY,
        ProposalKind.NEUROLOGY,
        ProposalKind.PAIN_MEDICINE,
    )
)


class Profiles(Value, frozen=True):
    """The profiles of all clients.

    Attributes:
        default: For a client without a profile of its own, and for callers nobody verified.
        clients: By issuer of the client's token.
    """

    default: ClientProfile = DEFAULT_PROFILE
    clients: Mapping[str, ClientProfile] = msgspec.field(default_factory=dict)

    def of(self, client: str) -> ClientProfile:
        """The profile of a client; "" is a caller who was not verified."""
        return self.clients.get(client, self.default)


def load_profiles(
    path: Path | None,
    rules: Collection[str],
    registered: Mapping[str, Mapping[str, Any] | None] | None = None,
) -> Profiles:
    """The profiles of a file and of the registry; what the specification allows where there is none.

    Args:
        path: The TOML file, or None.
        rules: Rule ids that can be muted.
        registered: Issuer of every registered client, with its section where the registry has one; None:
            there is no registry.

    Raises:
        ProfileError: Something in it is not usable; says what and where.
    """
    data, name = (_read(path), path.name) if path else ({}, "no file")
    base = _table(data.get("default", {}), f"{name}, default")
    sections = _table(data.get("client", {}), f"{name}, client")
    _check_registered(sections, registered, name)
    said = {issuer: (own, f'{name}, client "{issuer}"') for issuer, own in sections.items()}
    for issuer, own in (registered or {}).items():
        if own is not None:
            said[issuer] = (own, f'the registry, profile of "{issuer}"')
    default = _profile(base, {}, f"{name}, default", rules)
    clients = {
        issuer: _profile(_table(own, where), base, where, rules) for issuer, (own, where) in said.items()
    }
    return Profiles(default, clients)


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # few services have such a file, and the others start without it

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ProfileError(f"{path.name}: {error}") from None
    _known(data, _SECTIONS, path.name)
    return data


def _check_registered(
    sections: Mapping[str, Any], registered: Mapping[str, Mapping[str, Any] | None] | None, name: str
) -> None:
    """A section nobody will ever have is a misspelt issuer, and two for one client are one too many."""
    if registered is None:
        return
    for issuer in sections:
        if issuer not in registered:
            raise ProfileError(f'{name}, client "{issuer}": the registry has no client with this issuer')
        if registered[issuer] is not None:
            raise ProfileError(f'{name}, client "{issuer}": the registry has a profile of this client too')


def _profile(
    own: dict[str, Any], base: Mapping[str, Any], where: str, rules: Collection[str]
) -> ClientProfile:
    """One client's settings over those of all clients."""
    _known(own, tuple(_READERS), where)
    given = {**base, **own}
    read = {name: _READERS[name](value, f"{where}, {name}") for name, value in given.items()}
    unknown = sorted(set(read.get("muted_rules", ())) - set(rules))
    if unknown:
        raise ProfileError(f"{where}, muted_rules: there is no rule {unknown[0]!r}")
    return ClientProfile(**read)


def _known(data: Mapping[str, Any], names: Collection[str], where: str) -> None:
    for name in data:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(names)}"
            raise ProfileError(f"{where}: there is no setting {name!r}{hint}")


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProfileError(f"{where}: expected a table")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ProfileError(f"{where}: expected true or false")
    return value


def _some_of(*known: str) -> Callable[[Any, str], tuple[str, ...]]:
    def read(value: Any, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not set(map(str, value)) <= set(known):
            raise ProfileError(f"{where}: expected a list out of {', '.join(known)}")
        return tuple(value)

    return read


def _intent(value: Any, where: str) -> str:
    if value not in _INTENTS:
        raise ProfileError(f"{where}: expected one of {', '.join(_INTENTS)}")
    return str(value)


def _count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ProfileError(f"{where}: expected a number from 1 on")
    return value


def _rules(value: Any, where: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f"{where}: expected a list of rule ids")
    return frozenset(value)


def _orderables(value: Any, where: str) -> dict[str, Orderable]:
    table = _table(value, where)
    _known(table, ORDERABLE_KINDS, where)
    return {
        kind: _orderable(_table(entry, f"{where}, {kind}"), f"{where}, {kind}")
        for kind, entry in table.items()
    }


def _orderable(entry: dict[str, Any], where: str) -> Orderable:
    _known(entry, _ORDERABLE, where)
    for name in _ORDERABLE:
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise ProfileError(f"{where}: needs {', '.join(_ORDERABLE)}, each a text; {name!r} is not")
    return Orderable(**entry)


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "selection_behaviors": _some_of(*BEHAVIOURS),
    "one_action_per_suggestion": _flag,
    "rates_orders": _flag,
    "has_explanation": _flag,
    "intent": _intent,
    "orderables": _orderables,
    "is_silent": _flag,
    "max_cards": _count,
    "muted_rules": _rules,
    "creates": _some_of(*CREATES),
    "updates_recorded_orders": _flag,
    "changes_orders_in_place": _flag,
}
