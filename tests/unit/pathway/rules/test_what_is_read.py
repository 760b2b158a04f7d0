"""A judge that is skipped because the record names nothing it reads would have found nothing.

Every concept there is, in every kind of fact, alone and with others: a judge that says anything about a chart
has a concept of that chart among those it declares.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.pathway.assessment import Trial
from cds_service.pathway.evidence import NO_EVIDENCE
from cds_service.pathway.record import record_of
from cds_service.pathway.rules.nsaid_cautions import CAUTIONS
from cds_service.pathway.rules.nsaid_dangers import DANGERS
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import read_by
from cds_service.pathway.rules.red_flags.screen import JUDGES
from cds_service.pathway.rules.safety_chart import safety_chart
from cds_service.pathway.vocabulary import Presence, Side, Site
from cds_service.terminology import load_terminology
from tests import builders as b

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.case import NeckPainCase

CHECKS = {**DANGERS, **CAUTIONS}
# The pain's own entry may say R21, so that it is always judged.
SKIPPED = sorted(set(JUDGES) - {"R21"})
VALUES = (3.0, 38.5, 150.0, 250.0)


@cache
def concepts() -> tuple[str, ...]:
    """Every concept a fact can be about."""
    coded = (named for codes in load_terminology().index.values() for named in codes.values())
    return tuple(sorted(frozenset[str]().union(*coded, *(check.reads for check in CHECKS.values()))))


def facts(concept: str, presence: Presence, value: float) -> tuple[object, ...]:
    """The concept in every kind of fact and many a shape of it."""
    sides = (Side.LEFT, Side.RIGHT, Side.BOTH)
    limbs = frozenset({Site.ARM, Site.LEG})
    return (
        b.statement(concept, 3, presence=presence, side=Side.BOTH, sites=limbs),
        b.statement(concept, 30, presence=presence, text="another", ref="Condition/another"),
        *(
            b.measurement(concept, value, days, muscle="grip", side=side)
            for days, side in product((2, 60, 100), sides)
        ),
        b.drug(concept, reasons=frozenset({"red-flag/malignancy-current"})),
        b.drug(concept, 20, 5),
        b.allergy(concept),
        b.service(concept, 3),
    )


def chart(case: NeckPainCase) -> Chart:
    return Chart(case, record_of(case), b.episode(30), Trial(days=30), b.limits())


def cases(*named: str) -> Iterable[NeckPainCase]:
    """Charts that hold nothing but these."""
    for presence, value in product(Presence, VALUES):
        yield b.case(*(fact for concept in named for fact in facts(concept, presence, value)))


def outspoken(*named: str) -> set[str]:
    """Judges that say something about a chart, though it names none of what they declare to read."""
    found: set[str] = set()
    for case in cases(*named):
        safety, flags = safety_chart(case, b.limits()), chart(case)
        found |= {
            key for key, check in CHECKS.items() if check.reads.isdisjoint(named) and check.judge(safety)
        }
        found |= {
            rule
            for rule in SKIPPED
            if read_by(rule).isdisjoint(named) and JUDGES[rule](flags) != conclude(flags, rule, NO_EVIDENCE)
        }
    return found


def test_what_a_judge_speaks_of_it_declares_to_read() -> None:
    assert {concept: said for concept in concepts() if (said := outspoken(concept))} == {}


@given(st.lists(st.sampled_from(concepts()), min_size=2, max_size=6, unique=True))
def test_so_it_does_of_several_things_at_once(named: list[str]) -> None:
    assert outspoken(*named) == set()


@pytest.mark.parametrize("rule", SKIPPED)
def test_a_flag_says_something_of_what_it_declares(rule: str) -> None:
    charts = [chart(case) for concept in read_by(rule) for case in cases(concept)]
    assert any(JUDGES[rule](flags) != conclude(flags, rule, NO_EVIDENCE) for flags in charts)


@pytest.mark.parametrize("key", CHECKS)
def test_a_check_finds_something_in_what_it_declares(key: str) -> None:
    reads = CHECKS[key].reads
    charts = [case for named in (tuple(reads), *((concept,) for concept in reads)) for case in cases(*named)]
    assert any(CHECKS[key].judge(safety_chart(case, b.limits())) for case in charts)
