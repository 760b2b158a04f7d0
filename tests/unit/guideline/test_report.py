from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cds_service.errors import GuidelineError
from cds_service.guideline.report import check_report

if TYPE_CHECKING:
    from pathlib import Path


def test_the_report_says_that_the_data_is_consistent_and_what_nobody_has_reviewed() -> None:
    first, counts, reviews, *rest = check_report()
    assert first.endswith("the data is complete and consistent.")
    assert " rules, " in counts
    assert reviews.startswith("Not yet reviewed by a clinician: ")
    assert "thresholds" in reviews
    assert all(" is not implemented: " in line for line in rest)


def test_data_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(GuidelineError):
        list(check_report(tmp_path))
