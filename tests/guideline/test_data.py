"""The data and the code fit together, both ways; and the numbers are the specification's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

from cds_service.guideline.load import data_directory, load_guideline
from cds_service.guideline.reviews import review_states
from cds_service.guideline.thresholds import Thresholds
from cds_service.guideline.yaml_file import read_yaml
from cds_service.guideline_check import names_in_code, unknown_rules, unused_rules, unused_wordings
from cds_service.pathway.trace import ADVISING
from tests.builders import LIMITS

ON_ORDERS = frozenset(read_yaml(data_directory() / "wordings" / "orders.yaml")["wordings"])
GUIDELINE = load_guideline()
CODE = Path("cds_service")
ATTRIBUTES = {
    node.attr
    for path in CODE.glob("**/*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Attribute)
}


def test_every_wording_and_rule_is_used_and_every_rule_the_code_names_has_a_text() -> None:
    assert unused_wordings(GUIDELINE) == ()
    assert unused_rules(GUIDELINE) == ()
    assert unknown_rules(GUIDELINE) == ()


def test_every_wording_the_code_names_exists() -> None:
    full = {
        text.lstrip("@")
        for text in names_in_code()
        if re.fullmatch(r"@?(term|fixed|flag)\.[A-Za-z0-9-]*[A-Za-z0-9]", text)
    }
    assert sorted(full - set(GUIDELINE.wordings)) == []


def test_every_threshold_is_read_by_the_code() -> None:
    names = {field.name for field in msgspec.structs.fields(Thresholds)}
    assert sorted(names - ATTRIBUTES) == []


def test_the_numbers_of_the_data_are_those_the_rules_are_tested_with() -> None:
    shipped, tested = msgspec.structs.asdict(GUIDELINE.thresholds), msgspec.structs.asdict(LIMITS)
    equivalents = tested.pop("steroid_equivalent_mg")
    assert equivalents.items() <= shipped.pop("steroid_equivalent_mg").items()
    assert shipped == tested


def test_every_rule_of_the_pathway_has_its_text() -> None:
    numbered = {re.sub(r"[a-z]$", "", rule) for rule in GUIDELINE.rules}
    assert {f"R{n}" for n in range(1, 62)} | {f"S{n}" for n in range(1, 14)} == numbered
    assert set(ADVISING) <= set(GUIDELINE.rules)


def test_every_entry_says_that_it_was_not_reviewed_yet() -> None:
    assert {state for _, _, state in review_states(GUIDELINE)} == {"not yet reviewed"}


def test_interpretations_and_conflicts_are_complete() -> None:
    assert set(GUIDELINE.interpretations) == {f"I-{n}" for n in range(1, 20)}
    assert set(GUIDELINE.conflicts) == {f"C{n}" for n in range(1, 21)}


def test_a_disagreement_is_a_mark_of_every_rule_that_shows_it() -> None:
    shown = {(conflict, rule) for conflict, c in GUIDELINE.conflicts.items() for rule in c.shown}
    marked = {(mark, rule) for rule, text in GUIDELINE.rules.items() for mark in text.marks}
    assert shown - marked == set()
    assert {(mark, rule) for mark, rule in marked if mark.startswith("C")} == shown


def test_every_interpretation_is_a_mark_of_some_rule() -> None:
    marks = {mark for rule in GUIDELINE.rules.values() for mark in rule.marks}
    assert sorted(set(GUIDELINE.interpretations) - marks) == []


def test_every_source_is_cited_somewhere() -> None:
    cited = {
        *(source for rule in GUIDELINE.rules.values() for source in rule.sources),
        *(source for conflict in GUIDELINE.conflicts.values() for source in conflict.sources),
        *(source for choice in GUIDELINE.interpretations.values() for source in choice.sources),
        *(str(number) for rule in GUIDELINE.rules.values() for number in rule.article),
    }
    assert sorted(set(GUIDELINE.citations) - cited) == []


def test_what_the_article_says_is_told_apart_from_what_it_does_not() -> None:
    for rule, text in GUIDELINE.rules.items():
        assert (text.origin == "article") is bool(text.article), rule
        assert not (text.article and rule.startswith("S")), rule


@pytest.mark.parametrize(
    "key",
    [key for key in sorted(GUIDELINE.wordings) if key.startswith(("line.", "summary."))],
)
def test_a_wording_cites_no_more_than_its_rule(key: str) -> None:
    wording = GUIDELINE.wordings[key]
    rule = GUIDELINE.rules.get(wording.rule)
    assert set(wording.article) <= (set(rule.article) if rule else set())


@pytest.mark.parametrize("key", ["line.compression-elsewhere", "line.mri-after-flag", "line.mri-older"])
def test_a_fact_of_the_chart_bears_no_number_of_the_article(key: str) -> None:
    assert GUIDELINE.wordings[key].article == []


# Where a wording says a number in words or digits, which threshold it repeats, and how it says it.
NUMBERS_SAID = {
    "term.missing-days": {"trial_adequate_days": "{} days"},
    "note.before-onset": {"lab_before_onset_days": "{} days"},
    "note.measured-loss": {"weight_loss_percent": "{}%"},
    "note.steroid-high-dose": {"steroid_daily_prednisone_mg": "{} mg", "steroid_min_days": "{} days"},
    "note.severe-weakness": {"strength_severe_grade": "{} or less", "strength_full_grade": "of {}"},
    "note.predates-pain": {"predates_pain_days": "{} days"},
    "note.therapy-too-short": {"intractable_therapy_days": "{} days"},
    "line.infection-work-up": {"lab_lookback_days": "{} days"},
    "summary.S9-bloodstream": {"bloodstream_infection_lookback_days": "{} days"},
    "term.vascular-disease": {"vascular_risk_age_years": "over age {}"},
    "term.high-risk-age": {"csr_high_risk_age_years": "age {} or over"},
    "term.recent-bypass": {"cabg_lookback_days": "{} days"},
    "term.ulcer-or-bleeding": {"ulcer_bleed_lookback_days": "within {} days"},
    "term.kidney-failure": {"egfr_severe": "below {}"},
    "term.kidney-disease": {"egfr_moderate": "eGFR below {}"},
    "term.blood-pressure": {
        "blood_pressure_systolic_mmhg": "{}/",
        "blood_pressure_diastolic_mmhg": "/{} or more",
    },
    "term.nsaid-age": {"nsaid_high_age_years": "age {} or over"},
    "term.relaxant-age": {"relaxant_high_age_years": "age {} or over"},
    "term.mao-inhibitor": {"mao_inhibitor_lookback_days": "within {} days"},
    "term.recent-infarction": {"mi_recovery_days": "within {} days"},
    "suggestion.ibuprofen.label": {"ibuprofen_dose_mg": "{} mg"},
    "suggestion.ibuprofen.description": {
        "ibuprofen_dose_mg": "{} mg",
        "ibuprofen_period_hours": "every {} to",
        "ibuprofen_period_max_hours": "to {} hours",
    },
    "why.child": {"adult_age_years": "under {}"},
    "summary.R3": {"adult_age_years": "under {}"},
    "term.card-R3": {"adult_age_years": "under {}"},
    "term.card-R46": {"phase_band_from_day": "before day {}"},
    "line.repeat-why": {"duplicate_imaging_days": "last {} days", "order_open_days": "last {} days"},
    "suggestion.dose.label": {
        "ibuprofen_dose_mg": "{} mg",
        "ibuprofen_period_hours": "every {} to",
        "ibuprofen_period_max_hours": "to {} hours",
    },
    "suggestion.dose.description": {
        "ibuprofen_dose_mg": "{} mg",
        "ibuprofen_period_hours": "every {} to",
        "ibuprofen_daily_maximum_mg": "{} mg a day",
    },
}
# "After 6-8 weeks" and its like are the article's own words; years belong to the guidelines that are named.
ARTICLE_WEEKS = re.compile(r"\b6-8\b|\b4-6 weeks\b|\b20(?:1[68]|2[0-4])\b|\bweeks 7 and 8\b")
# The same in weeks or hours: seven or 24 times as many.
WEEKS_AND_HOURS_SAID = {
    ("summary.R32", "Week {}-", "phase_reassess_from_day", 7),
    ("summary.R32", "-{} (day", "follow_up_until_days", 7),
    ("line.reassess", "at {}-", "follow_up_from_days", 7),
    ("line.reassess", "-{} weeks", "follow_up_until_days", 7),
    ("suggestion.follow-up.label", "{}-", "follow_up_from_days", 7),
    ("suggestion.follow-up.label", "-{} weeks", "follow_up_until_days", 7),
    ("term.card-R32", "week {}-", "phase_reassess_from_day", 7),
    ("term.pregnancy-late", "{} weeks", "pregnancy_late_days", 7),
    ("term.pregnancy-20-weeks", "{} weeks", "pregnancy_fda_advice_days", 7),
    ("line.trauma-rule", "within {} hours", "trauma_acute_days", 1 / 24),
    ("line.trauma-late", "within {} hours", "trauma_acute_days", 1 / 24),
}


@pytest.mark.parametrize("key", sorted(NUMBERS_SAID))
def test_a_number_said_is_the_number_decided_with(key: str) -> None:
    for name, said in NUMBERS_SAID[key].items():
        assert said.format(f"{getattr(GUIDELINE.thresholds, name):g}") in GUIDELINE.wordings[key].text


def test_weeks_and_hours_said_are_the_days_decided_with() -> None:
    for key, said, name, per in WEEKS_AND_HOURS_SAID:
        assert said.format(f"{getattr(GUIDELINE.thresholds, name) / per:g}") in GUIDELINE.wordings[key].text


def test_the_card_says_no_threshold_that_this_list_forgets() -> None:
    """A number in a wording is either a threshold, listed above, or a figure of a source."""
    figures = {
        *("line.natural-course", "line.degenerative-common", "line.modality", "line.ibuprofen-label"),
        *("line.screening-prompt", "line.S5-action", "line.S6-action", "line.S9-bloodstream-action"),
        *("line.onset-needed", "line.neuralgia-criteria", "fixed.ibuprofen-dosage"),
    }
    listed = {*NUMBERS_SAID, *(key for key, *_ in WEEKS_AND_HOURS_SAID)}
    saying = {
        key
        for key, wording in GUIDELINE.wordings.items()
        if re.search(r"\d", _without_weeks(key, re.sub(r"\{[a-z_]+\}", "", wording.text)))
    }
    variants = {key for key in saying if key.startswith("summary.R32")} | {"fixed.follow-up"}
    assert sorted(saying - listed - figures - variants - {"suggestion.follow-up.description"}) == []


def _without_weeks(key: str, text: str) -> str:
    """Of cards on orders: the text without the article's span of weeks and the years of guidelines."""
    return ARTICLE_WEEKS.sub("", text) if key in ON_ORDERS else text


def test_unit_factors_agree_with_a_library_of_units() -> None:
    ucumvert = pytest.importorskip(
        "ucumvert", reason="the unit library is part of the development environment"
    )
    registry = ucumvert.PintUcumRegistry()
    spelt = {
        "mm/hr": "mm/h",
        "mm/(1.h)": "mm/h",
        "K/uL": "10*3/uL",
        "{cells}/uL": "/uL",
        "mL/min/1.73m2": None,
    }
    spelt |= {
        "score": None,
        "{score}": None,
        "1": None,
        "/5": None,
        "mmHg": "mm[Hg]",
        "week": "wk",
        "weeks": "wk",
    }
    spelt |= {"day": "d", "days": "d", "[degF]": None, "mL/min/{1.73_m2}": None}
    checked = 0
    for measure in GUIDELINE.units.values():
        target = spelt.get(measure.unit, measure.unit)
        for unit, (factor, offset) in measure.accepts.items():
            source = spelt.get(unit, unit)
            if source is None or target is None or source == target:
                continue
            one = registry.from_ucum(source) * 1
            assert offset == 0
            assert one.to(registry.from_ucum(target)).magnitude == pytest.approx(factor), (unit, measure.unit)
            checked += 1
    assert checked > 5


def test_fahrenheit_agrees_with_its_definition() -> None:
    factor, offset = GUIDELINE.units["obs/body-temperature"].accepts["[degF]"]
    assert (212 + offset) * factor == pytest.approx(100)
    assert (32 + offset) * factor == pytest.approx(0)
