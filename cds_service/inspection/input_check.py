"""Whether the resources of a request are valid FHIR, for people who want to know why something was not read.

Never in the way of an answer: a raised CRP in a resource with a malformed ``meta`` still counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def check_resources(prefetch: Mapping[str, msgspec.Raw]) -> Iterator[str]:
    """A line for each thing that is wrong: which resource, which element, why."""
    for key, raw in prefetch.items():
        for resource in _resources(msgspec.json.decode(raw)):
            yield from _problems(key, resource)


def _resources(value: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict):
        return
    if value.get("resourceType") != "Bundle":
        yield value
        return
    for entry in value.get("entry") or ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def _problems(key: str, resource: dict[str, Any]) -> Iterator[str]:
    kind = resource.get("resourceType")
    ref = f"{key}: {kind}/{resource.get('id', '?')}"
    try:
        get_fhir_model_class(str(kind)).model_validate(resource)
    except ValidationError as error:
        for problem in error.errors():
            element = ".".join(str(part) for part in problem["loc"]) or "resource"
            yield f"{ref} is not valid: {element}: {problem['msg']}"
    except (KeyError, ValueError):  # how the library answers to a type it does not have, also a contained one
        yield f"{ref} is not valid: it has a resource type FHIR R4 does not know"
