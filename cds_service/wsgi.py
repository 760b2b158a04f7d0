"""The application from an environment, for any WSGI server: ``cds_service.wsgi:from_environment()``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.advise import Knowledge, advise
from cds_service.app import create_app
from cds_service.config import DEFAULT_DATABASE, Settings, read_settings
from cds_service.guideline.load import load_guideline
from cds_service.hooks.answers import Answers
from cds_service.hooks.endpoints import Endpoints
from cds_service.hooks.operations import Operations
from cds_service.metrics import Metrics
from cds_service.profiles import load_profiles
from cds_service.protocol.openapi import description
from cds_service.records.recorder import Recorder
from cds_service.self_test import SelfTest
from cds_service.terminology import load_terminology

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from cds_service.advise import Advised, Question
    from cds_service.hooks.endpoints import Authenticate
    from cds_service.records.store import Store


@dataclass(frozen=True, slots=True)
class Service:
    """An application and what works beside it in the background.

    Attributes:
        app: Answers requests.
        recorder: Writes what is kept.
        metrics: Adds up what is counted.
        self_test: Runs the embedded vignettes, once.
        needs_store: It has to be there from the start: tokens are remembered in it, or it was asked for.
    """

    app: Flask
    recorder: Recorder
    metrics: Metrics
    self_test: Callable[[], object]
    needs_store: bool

    def start(self) -> None:
        """Open the store where it is needed from the start.

        Raises:
            StoreError: It cannot be used; says what to do.
        """
        if self.needs_store:
            self.recorder.start()

    def stop(self) -> None:
        """Write what waits."""
        self.recorder.stop()
        self.metrics.stop()


def load_knowledge(settings: Settings) -> Knowledge:
    """Guideline, terminology and client profiles.

    Raises:
        StartError: Something in them is not usable; says what, where and what to do.
    """
    guideline = load_guideline()
    profiles = load_profiles(settings.client_profiles, guideline.rules)
    return Knowledge(guideline, load_terminology(settings.valuesets_dir, settings.aliases), profiles)


def advisor(knowledge: Knowledge, settings: Settings) -> Callable[[Question], Advised]:
    """The use case with what it needs of this process."""
    return partial(advise, knowledge=knowledge, clock=settings.now)


def assemble(settings: Settings) -> Service:
    """The service with the real clock, the knowledge that ships with it, and its store."""
    knowledge = load_knowledge(settings)
    recorder = Recorder(partial(open_store, settings))
    metrics = Metrics()
    endpoints = Endpoints(
        advise=advisor(knowledge, settings),
        max_body_bytes=settings.max_body_bytes,
        versions=knowledge.versions,
        authenticate=gate(settings, recorder),
        recorder=recorder,
        reasons=frozenset(code for codes in knowledge.guideline.override_reasons.values() for code in codes),
        answers=Answers(metrics, is_https=settings.public_url.startswith("https:")),
    )
    self_test = SelfTest(knowledge).failed
    operations = Operations(
        versions=knowledge.versions,
        callers="verified" if settings.clients else "anyone (development)",
        self_test=self_test,
        store_answers=lambda: not recorder.is_open or recorder.store().check(),
        metrics=metrics,
        insights=partial(insights_page, recorder),
        openapi=partial(description, settings.public_url),
        token=settings.operations_token,
        is_closed=settings.is_production,
    )
    app = create_app(endpoints, operations, settings.origins)
    return Service(app, recorder, metrics, self_test, bool(settings.clients or settings.database_url))


def gate(settings: Settings, recorder: Recorder) -> Authenticate | None:
    """What verifies callers; None where everyone may call.

    Raises:
        RegistryError: Says what is wrong with the registry.
    """
    if settings.clients is None:
        return None
    # Loaded only here: the cryptography behind it costs as much as the rest of the start.
    from cds_service.security.gate import Gate
    from cds_service.security.keys import KeyCache
    from cds_service.security.registry import load_registry
    from cds_service.security.tokens import Verifier

    registry = load_registry(settings.clients, is_production=settings.is_production)
    return Gate(Verifier(registry, KeyCache(), recorder.remember_token, settings.public_url)).authenticate


def open_store(settings: Settings) -> Store:
    """The store of these settings.

    Raises:
        StoreError: Says what to do.
    """
    from cds_service.records.store import Store

    return Store.open(settings.database_url or DEFAULT_DATABASE)


def insights_page(recorder: Recorder) -> str:
    """What the cards came to, as a page.

    Raises:
        StoreUnavailable: It cannot be said now.
    """
    from cds_service.insight.page import page
    from cds_service.insight.report import report

    recorder.flush()
    return page(report(recorder.store().engine))


def application(settings: Settings) -> Flask:
    """The application alone; what has to be written is written when the process ends in order."""
    service = assemble(settings)
    service.start()
    return service.app


def from_environment() -> Flask:
    """The application as the environment of this process sets it up."""
    telemetry.set_up()
    return application(read_settings(os.environ))
