"""The application from an environment, for any WSGI server: ``cds_service.wsgi:from_environment()``."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.advise import Knowledge, advise
from cds_service.app import create_app
from cds_service.config import Settings, read_settings
from cds_service.guideline.load import load_guideline
from cds_service.hooks.endpoints import Endpoints
from cds_service.pages import Pages
from cds_service.profiles import load_profiles
from cds_service.terminology import load_terminology

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from cds_service.advise import Advised, Question


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
    return partial(advise, knowledge=knowledge, clock=settings.now, links_base=settings.links_base)


def application(settings: Settings) -> Flask:
    """The application with the real clock and the knowledge that ships with it."""
    knowledge = load_knowledge(settings)
    endpoints = Endpoints(advisor(knowledge, settings), settings.max_body_bytes, knowledge.versions)
    pages = [Pages(knowledge, settings).blueprint()] if settings.pages else []
    return create_app(endpoints, *pages)


def from_environment() -> Flask:
    """The application as the environment of this process sets it up."""
    telemetry.set_up()
    return application(read_settings(os.environ))
