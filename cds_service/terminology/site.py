"""A site's own ValueSet files: codes it adds to our sets, local ones too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from cds_service.errors import TerminologyError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def read_site(directory: Path, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """``(url of our set, code system, code)`` for each code of each ``*.json`` file of the directory.

    A file is a FHIR ValueSet whose ``url`` is the set it adds to, with codes in
    ``compose.include[].concept[]`` or ``expansion.contains[]``.

    Raises:
        TerminologyError: Names file and line, and says what to do.
    """
    if not directory.is_dir():
        raise TerminologyError(
            f"{directory} is not a directory; CDS_VALUESETS_DIR names a directory of ValueSet files"
        )
    for path in sorted(directory.glob("*.json")):
        yield from _SiteFile(path).codes(known)


class _SiteFile:
    """One file, with what is needed to point at a line of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            self.text = ""
            self.refuse("cannot be read as UTF-8 text")
        try:
            self.content = json.loads(self.text)
        except (json.JSONDecodeError, RecursionError) as error:
            line, why = getattr(error, "lineno", 1), getattr(error, "msg", "nested too deeply")
            raise TerminologyError(f"{path.name} line {line}: not JSON ({why})") from None

    def refuse(self, why: str, near: str = "") -> NoReturn:
        """Raise, pointing at the first line that holds ``near``."""
        before = self.text.partition(near)[0] if near and near in self.text else ""
        raise TerminologyError(f"{self.path.name} line {before.count(chr(10)) + 1}: {why}")

    def codes(self, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """Codes of the file, each with the URL of the set it belongs to."""
        if not isinstance(self.content, dict) or self.content.get("resourceType") != "ValueSet":
            self.refuse('not a FHIR ValueSet (needs "resourceType": "ValueSet")')
        url = self.content.get("url")
        if not isinstance(url, str) or url not in known:
            self.refuse(
                f"url {url!r} is no set of ours; use the url of the set you add to (docs/terminology.md)",
                '"url"',
            )
        found = list(self._composed()) + list(self._expanded())
        if not found:
            self.refuse("no codes in compose.include[].concept[] or expansion.contains[]", '"compose"')
        yield from ((url, system, code) for system, code in found)

    def _composed(self) -> Iterator[tuple[str, str]]:
        compose = self._object(self.content.get("compose", {}), "compose")
        if compose.get("exclude"):
            self.refuse(
                "compose.exclude is not supported: a site adds codes, it cannot take any away", '"exclude"'
            )
        for include in self._list(compose.get("include", []), "include"):
            if "filter" in include or "valueSet" in include:
                self.refuse("filter and valueSet cannot be expanded here; list the codes", '"include"')
            system = self._text(include, "system", '"include"')
            for concept in self._list(include.get("concept", []), "concept"):
                yield system, self._text(concept, "code", '"concept"')

    def _expanded(self) -> Iterator[tuple[str, str]]:
        expansion = self._object(self.content.get("expansion", {}), "expansion")
        for member in self._list(expansion.get("contains", []), "contains"):
            yield self._text(member, "system", '"contains"'), self._text(member, "code", '"contains"')

    def _object(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(f"{name} has to be an object", f'"{name}"')
        return value

    def _list(self, value: Any, name: str) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(f"{name} has to be a list of objects", f'"{name}"')
        return value

    def _text(self, member: dict[str, Any], name: str, near: str) -> str:
        value = member.get(name)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{json.dumps(member)[:60]} needs a {name}", json.dumps(member.get("code", near)))
        return value
