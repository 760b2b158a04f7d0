from __future__ import annotations

import pytest

from cds_service.pathway.rules.relaxant_safety import (
    CARISOPRODOL,
    CYCLOBENZAPRINE,
    RelaxantLevel,
    judge_relaxant,
)
from tests.builders import LIMITS, case, drug, statement, unread

NONE, WARNING, CRITICAL = RelaxantLevel.NONE, RelaxantLevel.WARNING, RelaxantLevel.CRITICAL
OTHER_AGENT = frozenset({"drug/muscle-relaxant"})


@pytest.mark.parametrize(
    ("fact", "level", "reason"),
    [
        pytest.param(drug("drug/mao-inhibitor"), CRITICAL, "mao-inhibitor", id="MAO inhibitor in use"),
        pytest.param(drug("drug/mao-inhibitor", 90, 14), CRITICAL, "mao-inhibitor", id="stopped 14 days ago"),
        pytest.param(
            statement("nsaid-caution/recent-mi", 30), CRITICAL, "recent-infarction", id="infarction, 30 days"
        ),
        pytest.param(
            statement("nsaid-caution/recent-mi", None), CRITICAL, "recent-infarction", id="undated infarction"
        ),
        pytest.param(statement("relaxant-caution/arrhythmia"), CRITICAL, "arrhythmia", id="arrhythmia"),
        pytest.param(statement("nsaid-caution/heart-failure"), CRITICAL, "heart-failure", id="heart failure"),
        pytest.param(
            statement("relaxant-caution/hyperthyroidism"), CRITICAL, "hyperthyroidism", id="hyperthyroidism"
        ),
        pytest.param(drug("drug/opioid"), WARNING, "opioid", id="opioid"),
        pytest.param(drug("drug/benzodiazepine"), WARNING, "benzodiazepine", id="benzodiazepine"),
        pytest.param(statement("relaxant-caution/glaucoma"), WARNING, "glaucoma", id="glaucoma"),
        pytest.param(
            statement("relaxant-caution/urinary-retention"), WARNING, "urinary-retention", id="retention"
        ),
        pytest.param(
            statement("relaxant-caution/hepatic"), WARNING, "hepatic-impairment", id="liver disease"
        ),
        pytest.param(drug("drug/serotonergic"), WARNING, "serotonergic", id="serotonergic drug"),
        pytest.param(
            statement("relaxant-caution/substance-use"), WARNING, "substance-use", id="substance use"
        ),
    ],
)
def test_what_speaks_against_a_relaxant(fact: object, level: RelaxantLevel, reason: str) -> None:
    found = judge_relaxant(case(fact), LIMITS)
    assert (found.level, found.reasons) == (level, (f"term.{reason}",))
    assert len(found.evidence) == 1


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(drug("drug/mao-inhibitor", 90, 15), id="MAO inhibitor stopped 15 days ago"),
        pytest.param(statement("nsaid-caution/recent-mi", 31), id="infarction 31 days ago"),
        pytest.param(statement("relaxant-caution/glaucoma", is_active=False), id="glaucoma no longer active"),
    ],
)
def test_what_does_not(fact: object) -> None:
    assert judge_relaxant(case(fact), LIMITS).level is NONE


@pytest.mark.parametrize(
    ("fact", "agents", "level"),
    [
        pytest.param(
            statement("relaxant-caution/arrhythmia"), {CYCLOBENZAPRINE}, CRITICAL, id="cyclobenzaprine"
        ),
        pytest.param(statement("relaxant-caution/arrhythmia"), OTHER_AGENT, NONE, id="another agent"),
        pytest.param(
            statement("relaxant-caution/glaucoma"), {CARISOPRODOL}, NONE, id="carisoprodol and glaucoma"
        ),
        pytest.param(statement("relaxant-caution/substance-use"), {CARISOPRODOL}, WARNING, id="carisoprodol"),
        pytest.param(
            statement("relaxant-caution/substance-use"), {CYCLOBENZAPRINE}, NONE, id="not carisoprodol"
        ),
        pytest.param(drug("drug/opioid"), OTHER_AGENT, WARNING, id="opioid with any agent"),
    ],
)
def test_cautions_of_one_agent(fact: object, agents: frozenset[str], level: RelaxantLevel) -> None:
    assert judge_relaxant(case(fact), LIMITS, frozenset(agents)).level is level


@pytest.mark.parametrize(("age", "level"), [(64, NONE), (65, WARNING), (None, NONE)])
def test_age(age: int | None, level: RelaxantLevel) -> None:
    assert judge_relaxant(case(age=age), LIMITS, OTHER_AGENT).level is level


@pytest.mark.parametrize("key", ["conditions", "medicationStatements", "medicationRequests"])
def test_unread_data_clears_nothing(key: str) -> None:
    assert judge_relaxant(case(readability=unread(key)), LIMITS).level is RelaxantLevel.UNREADABLE
