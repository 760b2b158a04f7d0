"""The start page: what runs here, for someone who has just found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cds_service
from cds_service.hooks.registry import SERVICES
from cds_service.pages.templating import render

if TYPE_CHECKING:
    from cds_service.advise import Knowledge
    from cds_service.config import Settings


def start_page(knowledge: Knowledge, settings: Settings, host_url: str) -> str:
    """The page.

    Args:
        knowledge: For its versions.
        settings: For the public address, where one is set.
        host_url: Address of this request, shown where none is set.
    """
    base = (settings.base_url or host_url).rstrip("/")
    return render(
        "start.html",
        settings,
        version=cds_service.__version__,
        versions=knowledge.versions,
        guideline=knowledge.guideline,
        services=[service.description for service in SERVICES],
        base=base,
        env=settings.env,
        fixed_day=settings.as_of,
    )
