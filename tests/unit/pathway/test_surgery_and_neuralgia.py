"""Nerve roots, the pitfall of structure, occipital neuralgia."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cds_service.pathway.rules.radicular import roots
from cds_service.pathway.vocabulary import Course, Side, Site
from tests.builders import allergy, drug, report, service, statement, when
from tests.pathways import course, decided, pain, rules, treated

if TYPE_CHECKING:
    from cds_service.pathway.finding import Decision

RADICULOPATHY = "presenting/cervical-radiculopathy"


class TestRadicular:
    shows = frozenset({"imaging/finding-nerve-root-compression"})

    def patient(self, mri: Any, **fields: Any) -> Decision:
        left = pain(62, concepts=RADICULOPATHY, side=Side.LEFT, levels=frozenset({"C7"}))
        done = treated(60) | {"courses": (course(Course.STABLE, 1),)}
        services = (*done["services"], *fields.pop("more", ()))
        return decided(left, imaging=(mri,), **(done | {"services": services} | fields))

    @pytest.mark.parametrize(
        ("side", "levels", "expected"),
        [
            pytest.param(Side.LEFT, {"C6-7"}, ["R41"], id="same side, disc above the root"),
            pytest.param(Side.LEFT, {"C7"}, ["R41"], id="same side, same root"),
            pytest.param(None, set(), ["R41"], id="nothing coded, nothing compared"),
            pytest.param(Side.BOTH, {"C6-7"}, ["R41"], id="both sides"),
            pytest.param(Side.RIGHT, {"C6-7"}, ["R43"], id="other side"),
            pytest.param(Side.LEFT, {"C4-5"}, ["R43"], id="other level"),
        ],
    )
    def test_compression_has_to_fit_the_symptoms(
        self, side: Side | None, levels: set[str], expected: list[str]
    ) -> None:
        mri = report(20, findings=self.shows, side=side, levels=frozenset(levels))
        assert rules(self.patient(mri)) == expected

    def test_when_surgery_is_not_named(self) -> None:
        assert rules(self.patient(report(400, findings=self.shows))) == ["R34a"]
        assert rules(self.patient(report(None, findings=self.shows))) == ["R34a"]
        referred = (service("referral/spine-surgery", 5, "ordered"),)
        assert rules(self.patient(report(40, findings=self.shows), more=referred)) == []
        drafted = (service("referral/spine-surgery", 5, "draft"),)
        assert rules(self.patient(report(40, findings=self.shows), more=drafted)) == []
        forgotten = (service("referral/spine-surgery", 181, "ordered"),)
        assert rules(self.patient(report(40, findings=self.shows), more=forgotten)) == ["R41"]
        assert rules(self.patient(report(40, findings=self.shows), courses=())) == []

    def test_an_equivocal_mri_leads_to_myelography(self) -> None:
        equivocal = report(40, is_equivocal=True)
        decision = self.patient(equivocal)
        assert rules(decision) == ["R38b"]
        assert decision.advice[0].proposals[0].is_recommended
        bleeding = self.patient(equivocal, drugs=(drug("drug/nsaid", 60), drug("drug/anticoagulant", 60)))
        assert not bleeding.advice[0].proposals[0].is_recommended
        allergic = self.patient(equivocal, allergies=(allergy("imaging/contrast-allergy"),))
        assert allergic.advice[0].proposals[0].is_recommended
        assert "S11" in {line.rule for line in allergic.advice[0].lines}

    def test_myelography_done_or_ordered_is_not_repeated(self) -> None:
        equivocal, done = report(40, is_equivocal=True), report(30, "imaging/ct-myelography-cervical")
        left = pain(62, concepts=RADICULOPATHY)
        assert rules(decided(left, imaging=(equivocal, done))) == []
        ordered = (service("imaging/ct-myelography-cervical", 5, "ordered"),)
        assert rules(decided(left, imaging=(equivocal,), services=ordered)) == []

    def test_root_signs_of_an_arm_are_radicular(self) -> None:
        equivocal = report(40, is_equivocal=True)
        arm = statement("red-flag/sensory-deficit", 5, sites=frozenset({Site.ARM}))
        assert "R38b" in rules(decided(pain(62), arm, imaging=(equivocal,)))
        assert rules(decided(pain(62), imaging=(equivocal,))) == []

    def test_the_disc_between_two_vertebrae_presses_on_the_lower_root(self) -> None:
        assert roots(frozenset({"C6-7", "C7-T1", "C5"})) == {"C7", "C8", "C5"}


class TestPitfall:
    worn = frozenset({"imaging/finding-degenerative"})

    @pytest.mark.parametrize(
        ("days", "concepts", "is_shown"),
        [
            pytest.param(30, "imaging/xray-cervical", True, id="X-ray 30 days ago"),
            pytest.param(31, "imaging/xray-cervical", False, id="31 days ago"),
            pytest.param(5, "imaging/ct-cervical-wo", True, id="CT"),
            pytest.param(None, "imaging/mri-cervical-wo", False, id="undated"),
        ],
    )
    def test_a_recent_degenerative_report(self, days: int | None, concepts: str, is_shown: bool) -> None:
        decision = decided(pain(60), imaging=(report(days, concepts, findings=self.worn),))
        assert ("R43" in rules(decision)) is is_shown

    def test_a_report_dated_by_its_issue(self) -> None:
        late = report(None, "imaging/xray-cervical", findings=self.worn, reported=when(5))
        assert "R43" in rules(decided(pain(60), imaging=(late,)))


class TestNeuralgia:
    three = frozenset({"paroxysmal", "stabbing"})

    def test_diagnosis_or_pattern(self) -> None:
        assert "R44" in rules(decided(pain(8, concepts="presenting/occipital-neuralgia")))
        occipital = pain(8, concepts="presenting/occipital-headache", qualities=self.three)
        assert "R44" in rules(decided(occipital))
        half = pain(8, concepts="presenting/occipital-headache", qualities=frozenset({"stabbing"}))
        assert "R44" not in rules(decided(half))
        neck = pain(8, qualities=self.three)
        assert "R44" not in rules(decided(neck))

    @pytest.mark.parametrize(
        ("onset", "described", "is_shown"),
        [
            pytest.param(8, 3, True, id="described in this episode"),
            pytest.param(8, 30, False, id="described before it"),
            pytest.param(None, 30, True, id="onset unknown, described lately"),
            pytest.param(None, 43, False, id="onset unknown, described long ago"),
            pytest.param(8, None, False, id="described without a date"),
        ],
    )
    def test_a_description_of_the_pain(
        self, onset: int | None, described: int | None, is_shown: bool
    ) -> None:
        detail = statement(
            "obs/pain-detail",
            described,
            kind="Observation",
            qualities=self.three,
            sites=frozenset({Site.OCCIPUT}),
        )
        assert ("R44" in rules(decided(pain(onset), detail))) is is_shown

    def test_not_once_referred(self) -> None:
        def with_referral(days: int) -> list[str]:
            referred = (service("referral/neurology", days, "ordered"),)
            return rules(decided(pain(8, concepts="presenting/occipital-neuralgia"), services=referred))

        assert "R44" not in with_referral(5)
        assert "R44" in with_referral(181)
