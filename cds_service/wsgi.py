"""The application from an environment, for any WSGI server: ``cds_service.wsgi:from_environment()``."""

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
from cds_service.hooks.endpoints import Endpoints
from cds_service.pages import Pages
from cds_service.profiles import load_profiles
from cds_service.terminology import load_terminology

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from cds_service.advise import Advised, Question
    from cds_service.growing_knowledge import GrowingKnowledge


def load_knowledge(settings: Settings) -> Knowledge:
    """Guideline, terminology and client profiles.

    Raises:
        StartError: Something in them is not usable; says what, where and what to do.
    """
    guideline = load_guideline()
    profiles = load_profiles(settings.client_profiles, guideline.rules)
    return Knowledge(guideline, load_terminology(settings.valuesets_dir, settings.aliases), profiles)


def advisor(
    knowledge: Knowledge, settings: Settings, current: Callable[[], Knowledge] | None = None
) -> Callable[[Question], Advised]:
    """The use case with what it needs of this process.

    Args:
        knowledge: Loaded at the start.
        settings: Of this process.
        current: The knowledge now, where it can grow.
    """
    codes = partial(observation_codes, knowledge.terminology)
    fetch = Fetcher(settings.allow_list, settings.fetch_limits, codes).fetch
    if current is None:
        return partial(
            advise, knowledge=knowledge, clock=settings.now, fetch=fetch, links_base=settings.links_base
        )
    return lambda question: advise(question, current(), settings.now, fetch, settings.links_base)


def application(settings: Settings) -> Flask:
    """The application with the real clock and the knowledge that ships with it."""
    knowledge = load_knowledge(settings)
    pages = [Pages(knowledge, settings).blueprint()] if settings.pages else []
    if not settings.terminology_server:
        endpoints = Endpoints(advisor(knowledge, settings), settings.max_body_bytes, knowledge.versions)
        return create_app(endpoints, *pages)
    growing = growing_knowledge(knowledge, settings)
    advise_now = advisor(knowledge, settings, growing.now)
    endpoints = Endpoints(advise_now, settings.max_body_bytes, knowledge.versions, growing.standing)
    return create_app(endpoints, *pages)


def growing_knowledge(knowledge: Knowledge, settings: Settings) -> GrowingKnowledge:
    """The knowledge with what a terminology server adds, asked for in the background from now on."""
    from cds_service.growing_knowledge import GrowingKnowledge

    growing = GrowingKnowledge(knowledge, settings)
    growing.start()
    return growing


def from_environment() -> Flask:
    """The application as the environment of this process sets it up."""
    telemetry.set_up()
    return application(read_settings(os.environ))
