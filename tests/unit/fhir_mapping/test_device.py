"""Implants, their label for MRI, and devices that do not matter."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping import device
from cds_service.pathway.vocabulary import MrLabel
from tests.mapping import SCT, coded, context, resource


@pytest.mark.parametrize(
    ("safety", "label"),
    [
        pytest.param([], None, id="no label"),
        pytest.param(
            [coded("urn:oid:2.16.840.1.113883.3.26.1.1", "C106046")], MrLabel.CONDITIONAL, id="conditional"
        ),
        pytest.param([{"text": "MR Unsafe"}], MrLabel.UNSAFE, id="in words"),
        pytest.param(
            [{"text": "MR Safe"}, coded("urn:x", "C106047")], MrLabel.UNSAFE, id="the more cautious of two"
        ),
        pytest.param([coded("urn:x", "C113844")], None, id="labelling says nothing"),
        *(
            pytest.param([{"text": text}], None, id=text)
            for text in (
                *("Not MR safe", "MR safety unknown", "Not labelled MR safe", "Never MR safe", "MR Safe: no"),
                *("MR safe status not known", "Not MR conditional", "MR Safe?"),
            )
        ),
        pytest.param([{"text": "Not MR Safe, MR Unsafe"}], MrLabel.UNSAFE, id="not safe and unsafe"),
        pytest.param(
            [{"text": "MR Conditional. Do not scan above 1.5 T"}], MrLabel.CONDITIONAL, id="a rule beside it"
        ),
    ],
)
def test_implants_and_their_label(safety: list[dict[str, Any]], label: MrLabel | None) -> None:
    pacemaker = coded(SCT, "14106009", "Cardiac pacemaker, device (physical object)")
    found = device.implant(resource("Device", status="active", type=pacemaker, safety=safety), context())
    assert found is not None
    assert found.label is label


def test_devices_that_do_not_matter() -> None:
    assert (
        device.implant(resource("Device", status="inactive", type={"text": "pacemaker"}), context()) is None
    )
    assert device.implant(resource("Device", status="active", type={"text": "Wheelchair"}), context()) is None
    by_name = device.implant(resource("Device", deviceName=[{"name": "Cochlear implant"}, {}]), context())
    assert by_name is not None
    assert by_name.source.text == "Cochlear implant"


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        pytest.param("Ferromagnetic aneurysm clip", "contraindication-aneurysm-clip", id="clip"),
        pytest.param("Metallic foreign body in the eye", "contraindication-eye-metal", id="metal in the eye"),
        pytest.param("ICD", "contraindication-icd", id="ICD"),
        pytest.param("AICD", "contraindication-icd", id="AICD"),
        pytest.param("S-ICD", "contraindication-icd", id="under the skin"),
        pytest.param("CRT-D", "contraindication-icd", id="resynchronisation with defibrillator"),
        pytest.param("CRT-P", "contraindication-pacemaker", id="resynchronisation, pacemaker"),
        pytest.param("PPM", "contraindication-pacemaker", id="permanent pacemaker"),
        pytest.param("Intrathecal drug pump", "contraindication-pump", id="pump"),
        pytest.param("Insulin pump", "device-possible", id="insulin pump"),
    ],
)
def test_devices_by_their_usual_names(words: str, concept: str) -> None:
    found = device.implant(resource("Device", status="active", type={"text": words}), context())
    assert found is not None
    assert found.concepts == {f"imaging/mri-{concept}"}


@pytest.mark.parametrize("words", ["External defibrillator", "Transcutaneous electrical nerve stimulator"])
def test_devices_outside_the_body_are_no_implants(words: str) -> None:
    assert device.implant(resource("Device", status="active", type={"text": words}), context()) is None
