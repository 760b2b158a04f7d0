"""YAML of reviewed data: plain mappings, lists and values, a key only once.

Read from the parser's events, without a tree of nodes: the files are read at every start, and building nodes
takes longer than parsing. Aliases and tags are refused: who reviews a file reads what stands there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.nodes import ScalarNode

if TYPE_CHECKING:
    from collections.abc import Callable

# The C parser where it is built, else the Python one.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# First characters of what is more than text when it stands without quotes: numbers, true, null.
_MORE_THAN_TEXT = frozenset(_LOADER.yaml_implicit_resolvers)
_TEXT = _LOADER.DEFAULT_SCALAR_TAG


class YamlMistake(ValueError):
    """A text cannot be read; the message goes on after the file's name: ``line 3: 'fever' stands twice``."""


def read(text: bytes) -> Any:
    """The one document of a file as mappings, lists, texts, numbers, truth values and None.

    Raises:
        YamlMistake: Says where and what is wrong.
    """
    try:
        loader = _LOADER(text)
        try:
            return _Document(loader).read()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "somewhere"
        raise YamlMistake(f"{line}: {error.problem or 'not YAML'}") from None
    except yaml.YAMLError:
        raise YamlMistake("holds characters that YAML does not allow; save it as UTF-8") from None


class _Document:
    """A document while it is read."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._next: Callable[[], Any] = loader.get_event

    def read(self) -> Any:
        self._next()  # the stream starts
        if type(self._next()) is StreamEndEvent:
            return None
        content = self._value(self._next())
        self._next()  # the document ends
        rest = self._next()
        if type(rest) is not StreamEndEvent:
            raise ComposerError(None, None, "a second document begins; one is expected", rest.start_mark)
        return content

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is MappingStartEvent and event.tag is None:
            return self._mapping()
        if kind is SequenceStartEvent and event.tag is None:
            return self._sequence()
        raise ConstructorError(
            None, None, "aliases and tags are not used here; write it out", event.start_mark
        )

    def _mapping(self) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while type(event := self._next()) is not MappingEndEvent:
            key = self._value(event)
            if not isinstance(key, str):
                raise ConstructorError(None, None, "a key has to be a text", event.start_mark)
            if key in mapping:
                raise ConstructorError(None, None, f"'{key}' stands twice", event.start_mark)
            mapping[key] = self._value(self._next())
        return mapping

    def _sequence(self) -> list[Any]:
        sequence: list[Any] = []
        while type(event := self._next()) is not SequenceEndEvent:
            sequence.append(self._value(event))
        return sequence

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        is_plain, _ = event.implicit
        if event.tag is not None:
            raise ConstructorError(None, None, "tags are not used here; write it out", event.start_mark)
        if not is_plain or text[:1] not in _MORE_THAN_TEXT:
            return text
        tag = self._loader.resolve(ScalarNode, text, event.implicit)
        if tag == _TEXT:
            return text
        try:
            return self._loader.construct_object(ScalarNode(tag, text, event.start_mark, event.end_mark))
        except ValueError:
            problem = f"'{text}' looks like a number or a date and is none; put quotes around a text"
            raise ConstructorError(None, None, problem, event.start_mark) from None
