"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines that run tests are shared: how long an example takes says nothing about the code. Continuous
# integration draws the same examples every time, so that a failure there is the change's own.
settings.register_profile(
    "everywhere",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("everywhere")
