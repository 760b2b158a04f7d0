"""Every vignette, through the HTTP endpoint."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.vignettes import CASES, hold

if TYPE_CHECKING:
    from cds_service.vignettes.model import Case, Vignette


@pytest.mark.parametrize(("vignette", "case"), CASES)
def test_vignette(vignette: Vignette, case: Case) -> None:
    hold(vignette, case, date(2026, 11, 24))
