"""The ``cds-service`` command: serve, and the pathway without HTTP for people who want to look inside.

Each command imports what it needs when it runs, so that ``serve`` does not pay for the others.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds_service.errors import StartError
from cds_service.text_patterns import INVISIBLE, text_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from cds_service.config import Settings
    from cds_service.records.store import Store

# What a patient of today can have lived through, with room to spare.
_YEARS = range(1900, 2200)
_MOST_DAYS = 36_500
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
EXISTING_PATH = click.Path(exists=True, path_type=Path)


# Texts of files stand in what is said: none of it may steer the terminal. Lines and columns are ours.
_STEERING = text_pattern(rf"(?![\n\t])[{INVISIBLE}]")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(_STEERING.sub("\N{REPLACEMENT CHARACTER}", line))


def _settings(as_of: str | None = None) -> Settings:
    """The settings of the environment, with ``--as-of`` in place of ``CDS_AS_OF``."""
    from cds_service.config import read_settings

    return read_settings(os.environ | ({"CDS_AS_OF": _moment(as_of)} if as_of else {}))


def _open_store() -> AbstractContextManager[Store]:
    """The store of the environment's settings, closed at the end; one that is not there is not made."""
    from contextlib import closing

    from cds_service.parts import open_store
    from cds_service.records.database import missing_file

    settings = _settings()
    if missing := missing_file(settings.store_url):
        raise click.ClickException(
            f"There is no store at {missing}: run this where the service runs, or set CDS_DATABASE_URL."
        )
    return closing(open_store(settings))


def _moment(text: str) -> str:
    """A date means noon of that day."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is not a date or date-time such as 2026-05-04", param_hint="--as-of"
        ) from None
    if moment.year not in _YEARS:
        raise click.BadParameter(f"'{text}' is no day of {_YEARS[0]} to {_YEARS[-1]}", param_hint="--as-of")
    return moment.replace(hour=12).isoformat() if len(text) == len("2026-05-04") else moment.isoformat()


@contextmanager
def _said(kind: type[Exception]) -> Iterator[None]:
    """What is wrong with a file of the caller's is a sentence, not a traceback."""
    try:
        yield
    except kind as error:
        raise click.ClickException(_STEERING.sub("\N{REPLACEMENT CHARACTER}", str(error))) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="neck-pain-cds")
def commands() -> None:
    """Clinical decision support for neck pain, over CDS Hooks."""


@commands.command()
@click.option("--demo", type=EXISTING_FILE, help="A hook request file to print a ready curl line for.")
def serve(demo: Path | None) -> None:
    """Start the service with the settings of the environment (CDS_...)."""
    # Loading makes hardly any garbage, and looking for it takes a fifth of the start; serve() begins with it.
    gc.disable()
    from cds_service.demo import NotADemo, greeting
    from cds_service.serve import serve as run

    settings = _settings()
    with _said(NotADemo):
        run(settings, lambda url: _say(greeting(url, demo, settings.now().date())))


@commands.command()
@click.argument("request", type=EXISTING_FILE)
@click.option("--as-of", help="Day to answer for (2026-05-04), instead of today.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole response as JSON instead.")
def explain(request: Path, as_of: str | None, as_json: bool) -> None:
    """Say what was read from a hook REQUEST file, what each rule made of it, and the cards."""
    from cds_service.explain.text import NotExplainable, explain_json, explain_text

    settings = _settings(as_of)
    with _said(NotExplainable):
        _say(explain_json(request, settings) if as_json else explain_text(request, settings))


@commands.command("run-vignettes")
@click.argument("folder", type=EXISTING_FOLDER, default=Path("fixtures/vignettes"))
@click.option("--as-of", help="Day the vignettes happen on, instead of today.")
def run_vignettes(folder: Path, as_of: str | None) -> None:
    """Run the vignettes of a FOLDER through the service and report in words."""
    from cds_service.evaluations import vignette_report
    from cds_service.vignettes.phrasebook import VignetteError

    with _said(VignetteError):
        lines = list(vignette_report(folder, _settings(as_of)))
    _say(lines)
    sys.exit(0 if lines[-1].endswith(" 0 failed") else 1)


@commands.command("check-guideline")
@click.argument("folder", type=EXISTING_FOLDER, required=False)
@click.option("--as-of", help="Day reviews are judged for, instead of today.")
def check_guideline(folder: Path | None, as_of: str | None) -> None:
    """Check the guideline data (of a FOLDER, or the one that ships) and say what is due for review.

    Ends with 1 when a review is overdue or something is missing or unused; what nobody has reviewed yet is
    said and is no failure.
    """
    from cds_service.guideline_check import FINE, check_report

    lines = list(check_report(folder, _settings(as_of).now().date()))
    _say(lines)
    sys.exit(0 if lines[-1] == FINE else 1)


@commands.command("run-records")
@click.argument("path", type=EXISTING_PATH)
@click.option("--patients", is_flag=True, help="List every call that got cards.")
@click.option(
    "--episodes", is_flag=True, help="Evaluate days within neck-pain episodes, not the last day only."
)
@click.option(
    "--visits",
    type=click.IntRange(min=1),
    default=None,
    help="Evaluate so many visits of each record instead.",
)
def run_records(path: Path, patients: bool, episodes: bool, visits: int | None) -> None:
    """Run every patient record under PATH through the service and count what came back."""
    from cds_service.evaluations import records_report
    from cds_service.records_evaluation.load import RecordsError

    with _said(RecordsError):
        _say(
            records_report(
                path, _settings(), with_patients=patients, with_episodes=episodes, visits=visits or 0
            )
        )


@commands.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; twelve weeks back without it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; today without it.")
def report(since: datetime | None, until: datetime | None) -> None:
    """Say what became of the cards: shown, accepted, overridden and why, by client, rule and week."""
    from cds_service.insight.report import report as found
    from cds_service.insight.text import lines

    for option, day in (("--since", since), ("--until", until)):
        if day is not None and day.year not in _YEARS:
            raise click.BadParameter(f"no day of {_YEARS[0]} to {_YEARS[-1]}", param_hint=option)
    if since is not None and until is not None and since > until:
        raise click.BadParameter("is after --until", param_hint="--since")
    with _open_store() as store:
        _say(lines(found(store.engine, since and since.date(), until and until.date())))


@commands.group("store")
def store_commands() -> None:
    """Look after what is kept (CDS_DATABASE_URL)."""


@store_commands.command("upgrade")
def store_upgrade() -> None:
    """Bring the store's schema to what this version needs; safe to run again."""
    from cds_service.records.database import found_schema, open_engine
    from cds_service.records.upgrade import upgrade

    engine = open_engine(_settings().store_url)
    before = found_schema(engine)
    upgrade(engine)
    click.echo(f"schema: {before or 'none'} -> {found_schema(engine)}")
    engine.dispose()


@store_commands.command("export")
@click.argument("what", type=click.Choice(["cards", "suggestions", "calls", "feedback"]))
@click.option("--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv", show_default=True)
def store_export(what: str, form: str) -> None:
    """Print what is kept, a row a line."""
    from cds_service.insight.export import export

    with _open_store() as store:
        _say(export(store.engine, what, form))


@store_commands.command("retain")
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), required=True, help="Keep what is younger.")
def store_retain(days: int) -> None:
    """Remove cards, feedback and counts older than so many days, and ids of expired tokens."""
    from datetime import UTC, timedelta

    with _open_store() as store:
        removed = store.remove_before(datetime.now(UTC) - timedelta(days=days))
        removed["used_token"] = store.forget_expired_tokens()
    _say(f"{name}: {number} removed" for name, number in removed.items())


@commands.command("load-fixtures")
@click.argument("folder", type=EXISTING_FOLDER, default=Path("fixtures"))
@click.option("--fhir-server", required=True, help="Base URL of a FHIR R4 server that may be written to.")
@click.option("--token", envvar="FHIR_TOKEN", help="Bearer token; better given as FHIR_TOKEN.")
@click.option("--wait", default=0, help="Seconds to wait for the server to be there.")
@click.option("--as-of", help="Day the records are dated for, instead of today.")
def load_fixtures(folder: Path, fhir_server: str, token: str | None, wait: int, as_of: str | None) -> None:
    """Put the synthetic patients of the fixtures FOLDER on a FHIR server.

    Every patient is updated under a fixed id: loading again brings the dates up to today.
    """
    from cds_service.load_fixtures import load_fixtures as load

    _say(load(fhir_server, folder, _settings(as_of).now().date(), token, wait))


def main() -> None:
    """Entry point: what is wrong at the start is a sentence, not a traceback."""
    try:
        commands.main(standalone_mode=True)
    except StartError as error:
        click.echo(f"cds-service cannot start: {error}", err=True)
        sys.exit(1)
