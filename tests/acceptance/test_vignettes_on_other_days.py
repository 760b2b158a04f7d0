"""Every vignette again, on days that have surprised software before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.vignettes import CASES, hold

if TYPE_CHECKING:
    from cds_service.vignettes.model import Case, Vignette

DAYS = [date(2024, 2, 29), date(2027, 1, 1)]


@pytest.mark.parametrize("as_of", DAYS, ids=str)
@pytest.mark.parametrize(("vignette", "case"), CASES)
def test_vignette(vignette: Vignette, case: Case, as_of: date) -> None:
    hold(vignette, case, as_of)
