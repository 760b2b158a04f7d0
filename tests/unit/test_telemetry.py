from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from cds_service import telemetry

if TYPE_CHECKING:
    import io


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_fields(log: io.StringIO) -> None:
    telemetry.emit(telemetry.ADVICE_GIVEN, rules=["R23"], cards=1)
    (line,) = lines(log)
    assert (line["event"], line["level"], line["rules"], line["cards"]) == (
        "advice_given",
        "INFO",
        ["R23"],
        1,
    )
    assert line["time"].endswith("+00:00")


def test_fields_that_are_not_on_the_list_are_not_written(log: io.StringIO) -> None:
    telemetry.emit(telemetry.ADVICE_GIVEN, patient_id="p-1", cards=0)
    assert "p-1" not in log.getvalue()
    assert lines(log)[0]["cards"] == 0


def test_empty_fields_are_left_out(log: io.StringIO) -> None:
    telemetry.emit(telemetry.ADVICE_GIVEN, rules=[], dropped={}, reason=None)
    assert set(lines(log)[0]) == {"time", "level", "event"}


def test_of_other_libraries_only_who_spoke_is_written_never_the_text(log: io.StringIO) -> None:
    try:
        raise ValueError("John Smith")
    except ValueError:
        logging.getLogger("waitress").exception("serving /Patient/%s", "Smith")
    (line,) = lines(log)
    assert "Smith" not in log.getvalue()
    assert line["event"] == "library_message"
    assert line["source"].startswith("waitress.test_telemetry:")
    assert line["error_type"] == "ValueError"
    assert line["where"][0].endswith("test_of_other_libraries_only_who_spoke_is_written_never_the_text")


def test_chatter_of_other_libraries_is_not_written(log: io.StringIO) -> None:
    logging.getLogger("waitress").info("Client disconnected while serving /x")
    assert not log.getvalue()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10", "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10"),
        ("7F0B5B5E-0F0E-4C55-9A3E-4A1D9C1B2E10", "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10"),
        ("John Smith", None),
        ("", None),
        ("7f0b5b5e0f0e4c559a3e4a1d9c1b2e10", None),
        ("{7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10}", None),
        ("urn:uuid:7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10", None),
        ("19800301-1234567890123456-7890123-4", None),
        ("7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10\n", None),
        ("\uff17f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10", None),
    ],
    ids=[
        *("a UUID", "in capitals", "a name", "nothing", "without dashes", "in braces", "as a URN"),
        *("dashes elsewhere", "with a line end", "a digit of another script"),
    ],
)
def test_an_id_of_a_client_is_kept_only_when_it_is_a_uuid(text: str, kept: str | None) -> None:
    assert telemetry.uuid_or_none(text) == kept
