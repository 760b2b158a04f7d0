"""Templates to HTML: everything escaped, an unknown name is a mistake and not an empty space."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.pages.markdown import markdown

if TYPE_CHECKING:
    from cds_service.config import Settings

ARTICLE_NOTE = (
    "This content supports and does not replace clinical judgement. It restates a secondary source with "
    "gaps, has not been reviewed by a clinician yet, and is not a medical device."
)


@cache
def environment() -> Environment:
    """The templates, compiled once."""
    made = Environment(
        loader=PackageLoader("cds_service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["markdown"] = markdown
    return made


def render(template: str, settings: Settings, **values: Any) -> str:
    """One page."""
    common = {"has_playground": settings.has_playground, "note": ARTICLE_NOTE}
    return environment().get_template(template).render(common | values)
