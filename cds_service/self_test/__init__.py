"""Vignettes that ship with the service: before it is ready, it has to answer them as it should.

Made up, like all patient data here. They go the whole way from request to cards, on a day of their own.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from cds_service import telemetry
from cds_service.advise import Question, advise
from cds_service.fhir_access.plain import read_plain_request
from cds_service.hooks.registry import find
from cds_service.profiles import Profiles
from cds_service.protocol.request import parse_request

if TYPE_CHECKING:
    from cds_service.advise import Knowledge

CASES = Path(__file__).with_name("cases.json")


class Case(msgspec.Struct, frozen=True):
    """One vignette.

    Attributes:
        name: What it shows, in words.
        topics: Rule of each card the answer has to have, in order.
    """

    name: str
    service: str
    topics: tuple[str, ...]
    request: msgspec.Raw


class Cases(msgspec.Struct, frozen=True):
    """The file."""

    as_of: datetime
    cases: tuple[Case, ...]


@cache
def load_cases() -> Cases:
    """The vignettes that ship."""
    return msgspec.json.decode(CASES.read_bytes(), type=Cases)


class SelfTest:
    """Runs the vignettes once; what comes out is kept."""

    def __init__(self, knowledge: Knowledge) -> None:
        # The pathway is tested, not what a site's clients want to see of it.
        self._knowledge = structs.replace(knowledge, profiles=Profiles())
        self._failed: tuple[str, ...] | None = None
        self._lock = threading.Lock()

    def failed(self) -> tuple[str, ...]:
        """Names of the vignettes that were not answered as they should be."""
        with self._lock:
            if self._failed is None:
                found = load_cases()
                self._failed = tuple(
                    case.name for case in found.cases if not self._is_right(case, found.as_of)
                )
                if self._failed:
                    telemetry.emit(telemetry.SELF_TEST_FAILED, logging.ERROR, vignettes=list(self._failed))
            return self._failed

    def _is_right(self, case: Case, as_of: datetime) -> bool:
        try:
            return self._topics(case, as_of) == case.topics
        except Exception as error:
            telemetry.emit(
                telemetry.SELF_TEST_FAILED,
                logging.ERROR,
                error_type=type(error).__name__,
                where=telemetry.frames(error),
            )
            return False

    def _topics(self, case: Case, as_of: datetime) -> tuple[str, ...]:
        body = bytes(case.request)
        request = read_plain_request(body) or parse_request(body)
        service = find(case.service, request.hook)
        question = Question(case.service, request.hook_instance, service.read_call(request))
        cards = advise(question, self._knowledge, lambda: as_of).response["cards"]
        return tuple(card["source"]["topic"]["code"] for card in cards)
