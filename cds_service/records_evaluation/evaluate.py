"""Sends each record through the service and keeps what is needed to judge the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cds_service.records_evaluation.request import build_request, patient_of

if TYPE_CHECKING:
    from cds_service.records_evaluation.load import Record

# Sends one request as a client would on the given day: status, body, and whether the chart is in the pathway.
Ask = Callable[[dict[str, Any], date], tuple[int, dict[str, Any], bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one record got on one day.

    Attributes:
        patient_id: As in the record (the evaluation prints it only when asked for single patients).
        rules: Topics of the cards, in order.
        summaries: Summaries of the cards, in order.
        problem: Empty, or what went wrong (HTTP status other than 200, self-check violations).
    """

    source: str
    line: int
    patient_id: str
    as_of: date
    is_in_pathway: bool
    rules: tuple[str, ...]
    summaries: tuple[str, ...]
    seconds: float
    problem: str = ""
    body: dict[str, Any] = field(default_factory=dict, repr=False)


def evaluate(
    records: Iterable[Record],
    keys: tuple[str, ...],
    days: Callable[[Record], Iterable[date]],
    ask: Ask,
    check: Callable[[dict[str, Any]], list[str]],
) -> Iterator[Outcome]:
    """Every record on every of its days.

    Args:
        records: The records.
        keys: Prefetch keys the service asks for.
        days: The days a record is evaluated on.
        ask: The service.
        check: Violations of the response rules in a body.
    """
    for record in records:
        for as_of in days(record):
            yield _one(record, build_request(record, keys, as_of), as_of, ask, check)


def _one(
    record: Record,
    request: dict[str, Any],
    as_of: date,
    ask: Ask,
    check: Callable[[dict[str, Any]], list[str]],
) -> Outcome:
    started = perf_counter()
    status, body, is_in_pathway = ask(request, as_of)
    seconds = perf_counter() - started
    cards = body.get("cards", [])
    problem = f"HTTP {status}" if status != HTTPStatus.OK else "; ".join(check(body))
    return Outcome(
        record.source,
        record.line,
        patient_of(record)["id"],
        as_of,
        is_in_pathway,
        tuple(card["source"]["topic"]["code"] for card in cards),
        tuple(card["summary"] for card in cards),
        seconds,
        problem,
        body,
    )
