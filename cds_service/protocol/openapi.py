"""The interface described as OpenAPI 3.1; a test compares it with the routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("openapi.json")


def description(base_url: str) -> dict[str, Any]:
    """The description, with the public base URL when there is one; read when it is asked for."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found | ({"servers": [{"url": base_url}]} if base_url else {})
