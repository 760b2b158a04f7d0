"""What a person sees when the service has started: where it listens, and one call to try."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.vignettes.hook_requests import render_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# Beside the environment: freshly dated at every start, so that the demonstration does not age.
DATED_REQUEST = Path("build/demo-request.json")


class NotADemo(ValueError):
    """The file is no request with dates that exist; says so."""


def _dated(demo: Path, today: date) -> str:
    try:
        return render_request(demo, today)
    except UnicodeDecodeError:
        raise NotADemo(
            f"{demo.name}: not a text in UTF-8; give a hook request such as those of fixtures/hook_requests"
        ) from None
    except (OverflowError, ValueError):
        raise NotADemo(f"{demo.name}: a date such as {{{{today-6}}}} in it is no day") from None


def greeting(url: str, demo: Path | None, today: date) -> Iterator[str]:
    """Lines for the terminal; writes the demo request with today's dates.

    Args:
        url: Base URL of the service.
        demo: A hook request file with relative dates, or None.
        today: The day the dates are counted from.
    """
    yield f"Neck pain CDS is listening on {url} (discovery: {url}/cds-services). Stop it with Ctrl-C."
    yield f"Pages to look at: {url}/"
    if demo:
        DATED_REQUEST.parent.mkdir(parents=True, exist_ok=True)
        DATED_REQUEST.write_text(_dated(demo, today), encoding="utf-8")
        yield "Try it in another terminal; a synthetic patient with a red flag gets a card:"
        yield ""
        yield (
            f"curl -s {url}/cds-services/neck-pain-patient-view -H 'Content-Type: application/json' "
            f"-d @{DATED_REQUEST.resolve()}"
        )
        yield ""
