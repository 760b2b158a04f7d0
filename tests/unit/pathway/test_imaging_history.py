"""Whether an MRI can be done, and what was imaged or ordered before."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from cds_service.pathway.assessment import MriState
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.facts import Implant
from cds_service.pathway.imaging import imaging_history
from cds_service.pathway.mri_safety import assess_mri_safety
from cds_service.pathway.vocabulary import MrLabel, Source
from tests.builders import LIMITS, case, measurement, report, service, statement, when
from tests.pathways import pain

PACEMAKER, CLIP = "imaging/mri-contraindication-pacemaker", "imaging/mri-contraindication-aneurysm-clip"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        pytest.param({}, MriState.POSSIBLE, id="nothing recorded"),
        pytest.param({"implants": (PACEMAKER, None)}, MriState.CONTRAINDICATED, id="implant without a label"),
        pytest.param({"implants": (PACEMAKER, MrLabel.UNSAFE)}, MriState.CONTRAINDICATED, id="unsafe"),
        pytest.param({"implants": (PACEMAKER, MrLabel.CONDITIONAL)}, MriState.CONDITIONAL, id="conditional"),
        pytest.param({"implants": (PACEMAKER, MrLabel.SAFE)}, MriState.POSSIBLE, id="safe"),
        pytest.param({"implants": (CLIP, None)}, MriState.CONTRAINDICATED, id="clip as a device"),
        pytest.param({"implants": (CLIP, MrLabel.CONDITIONAL)}, MriState.CONDITIONAL, id="conditional clip"),
        pytest.param({"implants": (CLIP, MrLabel.SAFE)}, MriState.POSSIBLE, id="clip of titanium"),
        pytest.param({"implants": ("imaging/mri-device-possible", None)}, MriState.NOTE, id="insulin pump"),
        pytest.param({"stated": PACEMAKER}, MriState.CONTRAINDICATED, id="pacemaker on the problem list"),
        pytest.param({"done": CLIP}, MriState.CONTRAINDICATED, id="aneurysm clipped"),
        pytest.param({"stated": "imaging/claustrophobia"}, MriState.NOTE, id="claustrophobia alone"),
        pytest.param({"stated": "imaging/mri-device-possible"}, MriState.NOTE, id="some metal"),
        pytest.param({"stated": "nsaid-caution/pregnancy"}, MriState.NOTE, id="pregnancy of unknown age"),
        pytest.param(
            {"stated": "imaging/mri-contraindication-stated"}, MriState.CONTRAINDICATED, id="said so"
        ),
    ],
)
def test_mri_contraindications(fields: dict[str, Any], state: MriState) -> None:
    facts = [statement(fields["stated"], 5)] if "stated" in fields else []
    done = (service(fields["done"], 500),) if "done" in fields else ()
    implants: tuple[Implant, ...] = ()
    if "implants" in fields:
        concept, label = fields["implants"]
        implants = (Implant(frozenset({concept}), Source("Device/1"), label),)
    made = case(pain(), *facts, services=done, implants=implants)
    assert assess_mri_safety(made, LIMITS).state is state


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        pytest.param(
            [statement("nsaid-caution/pregnancy", 5)],
            ("term.mri-pregnancy-undated",),
            id="weeks not recorded",
        ),
        pytest.param(
            [measurement("obs/gestational-age", 97)], ("term.mri-early-pregnancy",), id="13 weeks and 6 days"
        ),
        pytest.param([measurement("obs/gestational-age", 98)], (), id="14 weeks"),
    ],
)
def test_only_a_pregnancy_known_to_be_early_is_called_early(facts: Any, reasons: tuple[str, ...]) -> None:
    assert assess_mri_safety(case(pain(), *facts), LIMITS).reasons == reasons


def test_a_declined_mri_with_claustrophobia_contraindicates() -> None:
    both = case(pain(), statement("imaging/claustrophobia"), statement("imaging/mri-declined"))
    assert assess_mri_safety(both, LIMITS).state is MriState.CONTRAINDICATED


def test_a_removed_pacemaker_is_gone_and_a_newer_one_is_not() -> None:
    removed = service("imaging/device-removed", 100)
    gone = case(pain(), statement(PACEMAKER, 500), services=(removed,))
    assert assess_mri_safety(gone, LIMITS).state is MriState.POSSIBLE
    replaced = case(pain(), statement(PACEMAKER, 50), services=(removed,))
    assert assess_mri_safety(replaced, LIMITS).state is MriState.CONTRAINDICATED
    other = case(pain(), statement("imaging/mri-contraindication-cochlear", 500), services=(removed,))
    assert assess_mri_safety(other, LIMITS).state is MriState.CONTRAINDICATED
    icd = case(pain(), statement("imaging/mri-contraindication-icd", 500), services=(removed,))
    assert assess_mri_safety(icd, LIMITS).state is MriState.CONTRAINDICATED
    undated = case(pain(), statement(PACEMAKER, 500), services=(service("imaging/device-removed", None),))
    assert assess_mri_safety(undated, LIMITS).state is MriState.POSSIBLE


@pytest.mark.parametrize(
    ("said", "concept", "is_gone"),
    [
        ("Removal of cardiac pacemaker", PACEMAKER, True),
        ("Removal of pacemaker lead", PACEMAKER, False),
        ("Removal and replacement of pacemaker", PACEMAKER, False),
        ("Removal of defibrillator", PACEMAKER, False),
        ("Removal of defibrillator", "imaging/mri-contraindication-icd", True),
        ("Removal of neurostimulator", "imaging/mri-contraindication-neurostimulator", True),
        ("Device explant", "imaging/mri-contraindication-neurostimulator", False),
    ],
)
def test_a_removal_takes_out_what_it_names(said: str, concept: str, is_gone: bool) -> None:
    removal = structs.replace(service("imaging/device-removed", 100), source=Source("Procedure/out", said))
    made = case(pain(), statement(concept, 500), services=(removal,))
    assert (assess_mri_safety(made, LIMITS).state is MriState.POSSIBLE) is is_gone


def test_what_was_implanted_after_a_removal_counts_beside_an_undated_device() -> None:
    removal = service("imaging/device-removed", 100)
    undated = Implant(frozenset({PACEMAKER}), Source("Device/1"), None)
    again = case(pain(), statement(PACEMAKER, 50), services=(removal,), implants=(undated,))
    assert assess_mri_safety(again, LIMITS).state is MriState.CONTRAINDICATED
    old = case(pain(), statement(PACEMAKER, 500), services=(removal,), implants=(undated,))
    assert assess_mri_safety(old, LIMITS).state is MriState.POSSIBLE


class TestImaging:
    def history(self, **fields: Any) -> Any:
        made = case(pain(60), **fields)
        episode = assess_episode(made, LIMITS)
        assert episode is not None
        return imaging_history(made, episode, LIMITS)

    @pytest.mark.parametrize(
        ("written", "done", "is_open"),
        [
            pytest.param(180, None, True, id="180 days old"),
            pytest.param(181, None, False, id="181 days old"),
            pytest.param(20, 10, False, id="answered since"),
            pytest.param(5, 10, True, id="written after the last MRI"),
            pytest.param(None, None, True, id="undated"),
            pytest.param(None, 10, False, id="undated, an MRI exists"),
        ],
    )
    def test_an_open_order(self, written: int | None, done: int | None, is_open: bool) -> None:
        order = service("imaging/mri-cervical-wo", written, "ordered")
        imaging = (report(done),) if done else ()
        assert (self.history(services=(order,), imaging=imaging).open_mri_order is not None) is is_open

    def test_only_cervical_imaging_of_the_episode_counts(self) -> None:
        found = self.history(imaging=(report(10), report(90), report(5, "imaging/mri-neck-soft-tissue")))
        assert (len(found.reports), found.mri_in_episode.performed) == (2, when(10))
        assert self.history(imaging=(report(90),)).mri_in_episode is None
        assert self.history(imaging=(report(None),)).newest_mri is not None
