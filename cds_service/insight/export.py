"""What is kept, row by row, for other tools: CSV or one JSON object a line."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cds_service.records.database import reading
from cds_service.records.tables import CALLS, FEEDBACK, SHOWN_CARD, SHOWN_SUGGESTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine

# What can be exported; ids of used tokens are nobody's business.
TABLES = {"cards": SHOWN_CARD, "suggestions": SHOWN_SUGGESTION, "calls": CALLS, "feedback": FEEDBACK}
_GROUP = 1000
# Columns that hold JSON.
_JSON = frozenset({"rules", "verdicts", "versions", "suggestions"})


def export(engine: Engine, what: str, form: str) -> Iterator[str]:
    """The rows of a table as text, a line each; times are UTC."""
    table = TABLES[what]
    names = [column.name for column in table.columns]
    if form == "csv":
        yield _csv(names)
    with reading(engine).connect() as connection:
        found = connection.execution_options(yield_per=_GROUP).execute(
            select(table).order_by(*table.primary_key)
        )
        for row in found:
            values = [_plain(value) for value in row]
            if form == "csv":
                yield _csv(values)
            else:
                yield _ndjson(names, values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='milliseconds')}Z"
    return value.isoformat() if isinstance(value, date) else value


def _csv(values: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def _ndjson(names: list[str], values: list[Any]) -> str:
    pairs = zip(names, values, strict=True)
    return json.dumps({name: json.loads(value) if name in _JSON else value for name, value in pairs})
