"""What holds for every test."""

from __future__ import annotations

import io
import logging
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from cds_service import telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

# Machines that run tests are shared: how long an example takes says nothing about the code. Continuous
# integration draws the same examples every time, so that a failure there is the change's own.
settings.register_profile(
    "everywhere",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("everywhere")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line the service writes to its log during a test."""
    root = logging.getLogger()
    before = root.handlers, root.level
    written = io.StringIO()
    telemetry.set_up(written)
    yield written
    root.handlers, root.level = before
