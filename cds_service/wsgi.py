"""The way in for a WSGI server: parses the environment, loads the knowledge, picks the real clock."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.advise import Knowledge, advise
from cds_service.app import create_app
from cds_service.config import Settings, read_settings
from cds_service.fhir_access.fetcher import Fetcher
from cds_service.fhir_access.observation_codes import observation_codes
from cds_service.guideline.load import load_guideline
from cds_service.hooks.answers import Answers
from cds_service.hooks.endpoints import Endpoints
from cds_service.hooks.operations import Operations
from cds_service.metrics import Metrics
from cds_service.pages import Pages
from cds_service.parts import gate, growing_knowledge, insights_page, open_store, read_registry
from cds_service.profiles import load_profiles
from cds_service.protocol.openapi import description
from cds_service.records.recorder import Recorder
from cds_service.self_test import SelfTest
from cds_service.server import THREADS, WAITING_THREADS
from cds_service.terminology import load_terminology
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from cds_service.advise import Advised, Question
    from cds_service.growing_knowledge import GrowingKnowledge
    from cds_service.hooks.endpoints import Authenticate
    from cds_service.security.gate import Gate
    from cds_service.security.registry import Registry


class Service(Value, frozen=True, gc=True):
    """An application and what works beside it in the background.

    Attributes:
        app: Answers requests.
        recorder: Writes what is kept.
        metrics: Adds up what is counted.
        self_test: Runs the embedded vignettes, once.
        needs_store: It has to be there from the start: tokens are remembered in it, or it was asked for.
        reads_servers: Answers may wait for FHIR servers.
        growing: The knowledge, where a terminology server may add to it.
        gate: Lets clients in, where they are verified.
    """

    app: Flask
    recorder: Recorder
    metrics: Metrics
    self_test: Callable[[], object]
    needs_store: bool
    reads_servers: bool = False
    growing: GrowingKnowledge | None = None
    gate: Gate | None = None

    @property
    def threads(self) -> int:
        """How many requests are answered at the same time."""
        return WAITING_THREADS if self.reads_servers else THREADS

    def start(self) -> None:
        """Open the store where it is needed from the start, fetch keys, and let the knowledge grow.

        Raises:
            StoreError: It cannot be used; says what to do.
        """
        if self.needs_store:
            self.recorder.start()
        if self.gate is not None:
            self.gate.prepare()
        if self.growing is not None:
            self.growing.start()

    def stop(self) -> None:
        """Write what waits."""
        if self.growing is not None:
            self.growing.stop()
        self.recorder.stop()
        self.metrics.stop()


def load_knowledge(settings: Settings, registry: Registry | None = None) -> Knowledge:
    """The guideline, the value sets and the clients' profiles, the site's own included.

    Raises:
        StartError: Names the file and what is wrong in it.
    """
    guideline = load_guideline()
    profiles = load_profiles(
        settings.client_profiles, guideline.rules, None if registry is None else registry.profiles
    )
    return Knowledge(guideline, load_terminology(settings.valuesets_dir, settings.aliases), profiles)


def advisor(
    knowledge: Knowledge,
    settings: Settings,
    growing: GrowingKnowledge | None = None,
    metrics: Metrics | None = None,
) -> Callable[[Question], Advised]:
    """The use case with what it needs of this process.

    Args:
        knowledge: Loaded at the start.
        settings: Of this process.
        growing: Knows the knowledge now, where it can grow.
        metrics: Told what was read from FHIR servers.
    """
    codes = partial(observation_codes, knowledge.terminology)
    fetcher = Fetcher(settings.allow_list, settings.fetch_limits, codes)
    if metrics is not None:
        fetcher.told = metrics.fhir_read
    links_base = settings.links_base
    if growing is None:
        return partial(
            advise, knowledge=knowledge, clock=settings.now, fetch=fetcher.fetch, links_base=links_base
        )
    return lambda question: advise(question, growing.now(), settings.now, fetcher.fetch, links_base)


def assemble(settings: Settings) -> Service:
    """The service with the real clock, the knowledge that ships with it, and its store.

    Raises:
        StartError: Says what is wrong and what to do.
    """
    registry = read_registry(settings)
    knowledge = load_knowledge(settings, registry)
    growing = growing_knowledge(knowledge, settings)
    now = growing.now if growing else lambda: knowledge
    recorder, metrics = Recorder(partial(open_store, settings)), Metrics()
    gatekeeper = gate(registry, settings, recorder)
    self_test = SelfTest(knowledge).failed
    app = create_app(
        _endpoints(
            knowledge,
            settings,
            advisor(knowledge, settings, growing, metrics),
            recorder,
            metrics,
            gatekeeper.authenticate if gatekeeper else None,
        ),
        *([Pages(now, settings).blueprint()] if settings.pages else ()),
        operations=_operations(knowledge, settings, recorder, metrics, self_test, growing),
        origins=settings.origins,
    )
    return Service(
        app,
        recorder,
        metrics,
        self_test,
        needs_store=bool(settings.clients or settings.database_url),
        reads_servers=bool(settings.fhir_servers) or (registry is not None and registry.has_servers),
        growing=growing,
        gate=gatekeeper,
    )


def _endpoints(
    knowledge: Knowledge,
    settings: Settings,
    answer: Callable[[Question], Advised],
    recorder: Recorder,
    metrics: Metrics,
    authenticate: Authenticate | None,
) -> Endpoints:
    """The routes for clients."""
    return Endpoints(
        advise=answer,
        max_body_bytes=settings.max_body_bytes,
        versions=knowledge.versions,
        authenticate=authenticate,
        recorder=recorder,
        reasons=frozenset(code for codes in knowledge.guideline.override_reasons.values() for code in codes),
        answers=Answers(metrics, is_https=settings.is_https),
    )


def _operations(
    knowledge: Knowledge,
    settings: Settings,
    recorder: Recorder,
    metrics: Metrics,
    self_test: Callable[[], tuple[str, ...]],
    growing: GrowingKnowledge | None,
) -> Operations:
    """The routes for those who run the service."""
    return Operations(
        versions=knowledge.versions,
        callers="verified" if settings.clients else "anyone (development)",
        self_test=self_test,
        store_answers=recorder.check,
        metrics=metrics,
        insights=partial(insights_page, recorder),
        openapi=partial(description, settings.public_url),
        token=settings.operations_token,
        is_closed=settings.is_production,
        standing=growing.standing if growing is not None else dict,
    )


def application(settings: Settings) -> Flask:
    """The application alone; what has to be written is written when the process ends in order."""
    service = assemble(settings)
    service.start()
    return service.app


def from_environment() -> Flask:
    """The application as the environment of this process sets it up."""
    telemetry.set_up()
    return application(read_settings(os.environ))
