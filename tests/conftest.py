"""What holds for every test."""

from __future__ import annotations

import io
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from cds_service import telemetry, wsgi
from cds_service.guideline.load import load_guideline
from cds_service.terminology.load import load_terminology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.terminology.model import Terminology

# Machines that run tests are shared: how long an example takes says nothing about the code. Continuous
# integration draws the same examples every time, so that a failure there is the change's own.
settings.register_profile(
    "everywhere",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("everywhere")


@pytest.fixture(scope="session", autouse=True)
def _knowledge_is_read_once() -> Iterator[None]:
    """What ships is the same for every service that a test puts together; a site's own is read each time."""
    shipped = cache(load_terminology)

    def terminology(*site: Any) -> Terminology:
        return load_terminology(*site) if any(site) else shipped()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wsgi, "load_guideline", cache(load_guideline))
        patch.setattr(wsgi, "load_terminology", terminology)
        yield


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line the service writes to its log during a test."""
    root = logging.getLogger()
    before = root.handlers, root.level
    written = io.StringIO()
    telemetry.set_up(written)
    yield written
    root.handlers, root.level = before
