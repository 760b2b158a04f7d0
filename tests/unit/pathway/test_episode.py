"""When the pain began, and the phase that follows."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.assessment import OnsetKind
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.rules.phase import Phase, phase_of
from cds_service.pathway.vocabulary import Presence
from tests.builders import LIMITS, NECK_PAIN, case, statement, when
from tests.pathways import pain

RADICULOPATHY = "presenting/cervical-radiculopathy"


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        *((0, Phase.INITIAL), (27, Phase.INITIAL), (28, Phase.REASSESS), (42, Phase.REASSESS)),
        *((43, Phase.BAND), (56, Phase.BAND), (57, Phase.BEYOND), (None, Phase.UNKNOWN)),
    ],
)
def test_phase_boundaries(day: int | None, phase: Phase) -> None:
    assert phase_of(day, LIMITS) is phase


class TestEpisode:
    def episode(self, *pains: Any) -> Any:
        return assess_episode(case(*pains), LIMITS)

    def test_the_earliest_pain_sets_the_clock(self) -> None:
        found = self.episode(pain(10, ref="Condition/b"), pain(20, ref="Condition/a"))
        assert (found.index.source.ref, found.day) == ("Condition/a", 20)
        assert [other.source.ref for other in found.others] == ["Condition/b"]

    def test_the_reason_of_this_visit_comes_first(self) -> None:
        found = self.episode(
            pain(10, ref="Condition/b", is_current_encounter=True), pain(20, ref="Condition/a")
        )
        assert found.day == 10

    def test_onset_sources_in_their_order(self) -> None:
        recorded = self.episode(pain(None, recorded=when(7)))
        assert (recorded.onset_kind, recorded.day) == (OnsetKind.RECORDED, 7)
        visit = self.episode(pain(None, recorded=when(7), kind="Encounter"))
        assert visit.onset_kind is OnsetKind.ENCOUNTER
        mentioned = self.episode(pain(None, first_mentioned=when(9), last_mentioned=when(2)))
        assert (mentioned.onset_kind, mentioned.day) == (OnsetKind.ENCOUNTER, 9)
        assert self.episode(pain(None)).onset_kind is OnsetKind.UNKNOWN

    def test_a_recurrence_does_not_begin_with_the_first_episode(self) -> None:
        later = self.episode(pain(400, recorded=when(10), is_recurrence=True))
        assert (later.onset_kind, later.day) == (OnsetKind.RECORDED, 10)
        unknown = self.episode(pain(300, recorded=when(300), is_recurrence=True))
        assert unknown.onset_kind is OnsetKind.UNKNOWN
        bare = self.episode(pain(300, is_recurrence=True))
        assert bare.day is None

    def test_disc_disease_is_the_pain_only_as_the_reason_of_this_visit(self) -> None:
        disc = "presenting/cervical-disc-disorder"
        assert self.episode(pain(concepts=disc)) is None
        assert self.episode(pain(concepts=disc, is_current_encounter=True)).day == 10

    def test_the_problem_list_knows_since_when_the_disease_is_that_a_visit_names(self) -> None:
        disc = "presenting/cervical-disc-disorder"
        listed = pain(60, concepts=disc)
        named = {"recorded": when(0), "kind": "Encounter", "is_current_encounter": True}
        visit = pain(None, concepts=disc, ref="Encounter/1", **named)
        assert self.episode(listed) is None
        assert self.episode(visit).day == 0
        assert self.episode(listed, visit).day == 60

    def test_spondylosis_with_radiculopathy_stays_structure_on_the_problem_list(self) -> None:
        both = (RADICULOPATHY, "presenting/spondylosis-with-radiculopathy")
        assert self.episode(pain(concepts=both)) is None
        assert self.episode(pain(concepts=both, is_current_encounter=True)) is not None

    @pytest.mark.parametrize(
        ("later", "is_in"),
        [
            pytest.param(
                pain(60, is_active=False, abated=when(5)), False, id="the problem ended after the visit"
            ),
            pytest.param(
                pain(60, is_active=False, abated=when(30)), True, id="the problem ended before the visit"
            ),
            pytest.param(pain(60, is_active=False), True, id="over, dated before the visit"),
            pytest.param(pain(5, is_active=False), False, id="over, dated after the visit"),
            pytest.param(pain(None, is_active=False), True, id="over, no date at all"),
            pytest.param(statement(NECK_PAIN, 5, presence=Presence.ABSENT), False, id="denied later"),
            pytest.param(statement(NECK_PAIN, 30, presence=Presence.ABSENT), True, id="denied earlier"),
            pytest.param(statement(NECK_PAIN, None, presence=Presence.ABSENT), True, id="denied, no date"),
            pytest.param(
                statement("presenting/torticollis", 5, presence=Presence.ABSENT),
                True,
                id="another thing denied",
            ),
        ],
    )
    def test_a_visit_for_pain_that_is_over_since_does_not_qualify(self, later: Any, is_in: bool) -> None:
        visit = statement(NECK_PAIN, 20, kind="Encounter", ref="Encounter/1")
        assert (self.episode(visit, later) is not None) is is_in

    def test_an_undated_mention_cannot_be_shown_to_be_over(self) -> None:
        visit = statement(NECK_PAIN, None, kind="Encounter", ref="Encounter/1")
        assert self.episode(visit, pain(60, is_active=False, abated=when(5))) is not None
