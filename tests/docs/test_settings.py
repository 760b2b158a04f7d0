"""The README names every setting, and none that is not there."""

from __future__ import annotations

import re

from cds_service.config import NAMES
from tests.docs.markdown import DOCS, section

README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_settings() -> None:
    rows = [line.split("|")[1] for line in section(README, "## Settings").splitlines() if line[:3] == "| `"]
    told = [name for row in rows for name in re.findall(r"`(CDS_\w+)`", row)]
    assert sorted(told) == sorted(NAMES.values())
