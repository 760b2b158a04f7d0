from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from cds_service.cards.repeats import told_once
from cds_service.pathway.finding import Evidence
from cds_service.pathway.vocabulary import Side, Source
from tests.builders import ago, measurement, service, statement

ABUSE = "context/drug-use-disorder"


def said(days: int | None, text: str = "Drug dependence", **fields: Any) -> Evidence:
    ref = f"Condition/{text}-{days}".replace(" ", "-")
    fact = statement(ABUSE, days, ref=ref, text=text, **fields)
    return Evidence("R13", fact, ago(days) if days is not None else None)


def session(days: int) -> Evidence:
    fact = service("therapy/physical-therapy", days)
    named = structs.replace(fact, source=Source(f"Procedure/{days}", "Session"))
    return Evidence("R33a", named, ago(days))


def test_the_newest_entry_stands_for_all_with_their_sources() -> None:
    ((shown, first),) = told_once([said(300), said(20), said(900)])
    assert (shown.on, first) == (ago(20), ago(900))
    assert shown.source.ref == "Condition/Drug-dependence-20"
    assert shown.source.duplicates == ("Condition/Drug-dependence-300", "Condition/Drug-dependence-900")


def test_entries_of_one_day_have_no_first_day() -> None:
    again = Evidence("R13", statement(ABUSE, 20, ref="Condition/b", text="drug DEPENDENCE "), ago(20))
    ((shown, first),) = told_once([said(20), again])
    assert first is None
    assert len(shown.source.duplicates) == 1


def test_sessions_are_told_once() -> None:
    ((shown, first),) = told_once([session(5), session(19)])
    assert (shown.source.duplicates, first) == (("Procedure/19",), ago(19))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(said(300, "Opioid abuse"), id="other words"),
        pytest.param(said(300, is_active=False), id="over"),
        pytest.param(said(300, side=Side.LEFT), id="other side"),
        pytest.param(said(None), id="undated"),
        pytest.param(Evidence("R26", said(300).fact, ago(300)), id="for another rule"),
        pytest.param(Evidence("R13", said(300).fact, ago(300), notes=("suspected",)), id="with a remark"),
    ],
)
def test_what_differs_is_told_twice(other: Evidence) -> None:
    assert told_once([said(20), other]) == [(said(20), None), (other, None)]


def test_results_and_entries_without_words_are_never_put_together() -> None:
    results = [Evidence("R9", measurement("obs/crp", 42, days), ago(days)) for days in (1, 2)]
    nameless = [Evidence("R13", statement(ABUSE, days), ago(days)) for days in (1, 2)]
    assert len(told_once([*results, *nameless])) == len(results + nameless)
