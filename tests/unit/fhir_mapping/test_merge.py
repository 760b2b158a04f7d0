"""The same said twice is one fact; facts come newest first."""

from __future__ import annotations

from typing import Any

from cds_service.fhir_mapping.merge import merged_statements, newest_first
from tests.builders import statement, when


def test_the_same_problem_entered_twice_is_one_fact_with_two_sources() -> None:
    first = statement("presenting/neck-pain", 5, ref="Condition/a", last_mentioned=when(3))
    second = statement(
        "presenting/neck-pain", 5, ref="Condition/b", is_current_encounter=True, is_text_only=True
    )
    (one,) = merged_statements([second, first])
    assert (one.source.ref, one.source.duplicates) == ("Condition/a", ("Condition/b",))
    assert (one.is_current_encounter, one.last_mentioned) == (True, when(3))
    assert merged_statements([first, second]) == (one,)


def test_entries_without_dates_are_as_old_as_their_visits() -> None:
    def entry(ref: str, days: int, until: int) -> Any:
        mentions = {"first_mentioned": when(days), "last_mentioned": when(until)}
        return statement("red-flag/trauma", None, ref=ref, **mentions)

    merged = merged_statements([entry("Condition/c", 1, 1), entry("Condition/a", 800, 800)])
    assert [s.first_mentioned for s in merged] == [when(1), when(800)]
    (one,) = merged_statements([entry("Condition/c", 9, 4), entry("Condition/a", 9, 2)])
    assert (one.source.duplicates, one.first_mentioned, one.last_mentioned) == (
        ("Condition/c",),
        when(9),
        when(2),
    )


def test_a_dated_entry_keeps_its_earliest_mention() -> None:
    first = statement("red-flag/fever", 9, ref="Condition/b", first_mentioned=when(8))
    second = statement("red-flag/fever", 9, ref="Condition/a", first_mentioned=when(3))
    (one,) = merged_statements([first, second])
    assert one.first_mentioned == when(8)


def test_facts_come_newest_first_and_once() -> None:
    old, new = statement("red-flag/fever", 9), statement("red-flag/fever", 1)
    assert newest_first([old, new, old]) == (new, old)
    assert len(newest_first([statement("red-flag/fever", None), old])) == 2
