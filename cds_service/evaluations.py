"""Vignettes and whole records sent through the service in this process, and what came of it in words."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.app import create_app
from cds_service.hooks.endpoints import Endpoints
from cds_service.hooks.patient_view import SERVICE
from cds_service.protocol.self_check import check_response
from cds_service.records_evaluation.days import episode_days, last_day, visit_days
from cds_service.records_evaluation.evaluate import evaluate
from cds_service.records_evaluation.load import read_records
from cds_service.records_evaluation.table import patients, table
from cds_service.vignettes.model import load_vignettes
from cds_service.vignettes.run import report, run_vignettes
from cds_service.wsgi import advisor, load_knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from flask.testing import FlaskClient

    from cds_service.advise import Advised, Knowledge, Question
    from cds_service.config import Settings
    from cds_service.records_evaluation.load import Record

PATH = f"/cds-services/{SERVICE.id}"
# Whole records are larger than what a client sends for one call.
NO_LIMIT = 1 << 40
NECK_WORDS = ("neck", "cervic", "occipit")


class InProcess:
    """The service behind its HTTP endpoint, without a socket."""

    def __init__(self, knowledge: Knowledge, settings: Settings) -> None:
        self._advise = advisor(knowledge, settings)
        self.last: Advised | None = None
        self._client: FlaskClient = create_app(Endpoints(self._answer, NO_LIMIT)).test_client()

    def _answer(self, question: Question) -> Advised:
        self.last = None
        self.last = self._advise(question)
        return self.last

    def discover(self) -> dict[str, Any]:
        """Body of the discovery answer."""
        body: dict[str, Any] = msgspec.json.decode(self._client.get("/cds-services").data)
        return body

    def call(self, service_id: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of one service call."""
        answer = self._client.post(
            f"/cds-services/{service_id}", data=msgspec.json.encode(request), content_type="application/json"
        )
        return answer.status_code, msgspec.json.decode(answer.data)


def vignette_report(folder: Path, settings: Settings) -> Iterator[str]:
    """A line per case, differences below, and the closing count."""
    as_of = settings.now()
    service = InProcess(load_knowledge(settings), msgspec.structs.replace(settings, as_of=as_of))
    yield from report(run_vignettes(load_vignettes(folder), service, as_of.date()))


def records_report(
    path: Path,
    settings: Settings,
    *,
    with_patients: bool = False,
    with_episodes: bool = False,
    visits: int = 0,
) -> Iterator[str]:
    """The table, and with ``with_patients`` every call that got cards.

    Args:
        path: A file of records, or a folder of such files.
        settings: Their zone and system aliases count here too.
        with_patients: List every call that got cards.
        with_episodes: Evaluate days within episodes of neck pain.
        visits: Evaluate so many visits of each record. Without either, the last day of each record.
    """
    knowledge = load_knowledge(settings)
    days = _days(with_episodes=with_episodes, visits=visits)
    ask = partial(_ask, knowledge, settings)
    outcomes = list(
        evaluate(
            read_records(path),
            tuple(SERVICE.prefetch),
            days,
            ask,
            lambda body: check_response(body, SERVICE.hook),
        )
    )
    yield from table(outcomes)
    if with_patients:
        yield from patients(outcomes)


def _days(*, with_episodes: bool, visits: int) -> Callable[[Record], Iterable[date]]:
    """The days each record is evaluated on."""
    if with_episodes:
        return partial(episode_days, words=NECK_WORDS)
    if visits:
        return partial(visit_days, most=visits)
    return lambda record: (last_day(record),)


def _ask(
    knowledge: Knowledge, settings: Settings, request: dict[str, Any], as_of: date
) -> tuple[int, dict[str, Any], bool]:
    """One call on that day: status, body, whether the chart is in the pathway."""
    # The end of the day: what is dated with an evening hour, or west of the zone, is of that day too.
    evening = datetime.combine(as_of, time(23, 59), settings.zone)
    service = InProcess(knowledge, msgspec.structs.replace(settings, as_of=evening))
    status, body = service.call(SERVICE.id, request)
    return status, body, bool(service.last and service.last.decision.findings)
