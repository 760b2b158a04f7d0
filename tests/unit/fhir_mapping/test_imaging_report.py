"""Reports of imaging, their conclusions, and studies without a report."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping import imaging_report
from cds_service.pathway.vocabulary import Side
from tests.mapping import MRI, SCT, coded, context, resource


def report(**members: Any) -> Any:
    entry = resource("DiagnosticReport", **({"status": "final", "code": MRI} | members))
    return imaging_report.from_report(entry, context())


def test_reports_of_imaging() -> None:
    assert report(status="preliminary") is None
    assert report(code={"text": "Lipid panel"}) is None
    found = report(effectivePeriod={"start": "2026-06-01"}, issued="2026-06-02T10:00:00Z")
    assert (found.performed.on, found.reported.on) == (date(2026, 6, 1), date(2026, 6, 2))


@pytest.mark.parametrize(
    ("conclusion", "findings", "is_equivocal"),
    [
        pytest.param(
            "Left C6-7 foraminal root compression.", {"nerve-root-compression"}, False, id="compression"
        ),
        pytest.param("No nerve root compression.", set(), False, id="denied"),
        pytest.param("Nerve root compression cannot be excluded.", set(), False, id="not excluded"),
        pytest.param("Previously seen C6-7 root compression has resolved.", set(), False, id="resolved"),
        pytest.param("Equivocal for root compression at C6-7.", set(), True, id="equivocal for it"),
        pytest.param("Left L5-S1 nerve root compression.", set(), False, id="of a leg"),
        pytest.param(
            "Root compression at C6-7, none at L5-S1.", {"nerve-root-compression"}, False, id="both named"
        ),
        pytest.param(
            "No fracture. Cervical spondylosis at C5-6.", {"degenerative"}, False, id="one sentence denies"
        ),
        pytest.param("Equivocal study because of motion.", set(), True, id="equivocal"),
        pytest.param("Non-diagnostic.", set(), True, id="non-diagnostic is no denial"),
        pytest.param("Normal study.", set(), False, id="normal"),
        pytest.param(None, set(), False, id="no text"),
    ],
)
def test_conclusions_by_fixed_patterns(
    conclusion: str | None, findings: set[str], is_equivocal: bool
) -> None:
    found = report(conclusion=conclusion)
    assert {f.removeprefix("imaging/finding-") for f in found.findings} == findings
    assert found.is_equivocal is is_equivocal


def test_side_and_level_of_a_compression() -> None:
    found = report(conclusion="Left C6-7 foraminal root compression.")
    assert (found.side, found.levels) == (Side.LEFT, {"C6-7"})
    by_code = report(
        conclusionCode=[coded(SCT, "95671001", "Cervical nerve root compression"), {"text": "equivocal"}]
    )
    assert (by_code.findings, by_code.is_equivocal) == ({"imaging/finding-nerve-root-compression"}, True)


def study(**members: Any) -> Any:
    return imaging_report.from_study(
        resource("ImagingStudy", **({"status": "available"} | members)), context()
    )


def test_studies_without_a_report() -> None:
    mr = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}
    assert study(procedureCode=[MRI], started="2026-06-01").performed.on == date(2026, 6, 1)
    assert study(description="Cervical spine", modality=[mr]).source.text == "MRI Cervical spine"
    assert study(description="cervical spine without contrast", modality=[mr]).concepts == {
        "imaging/mri-cervical-wo"
    }
    assert study(description="MRI cervical spine", series=[{"modality": mr}, {}]).concepts == {
        "imaging/mri-cervical-unspecified"
    }
    assert study(description="cervical spine") is None
    assert study(procedureCode=[MRI], status="cancelled") is None


def test_a_study_is_what_one_of_its_series_is() -> None:
    def series(modality: str, site: str) -> dict[str, Any]:
        return {"modality": {"code": modality}, "bodySite": {"display": site}}

    both = [series("MR", "Head"), series("CT", "Cervical spine")]
    found = study(series=both)
    assert found is not None
    assert not any(concept.startswith("imaging/mri-cervical") for concept in found.concepts)
    lumbar = study(description="MRI lumbar spine", series=[series("MR", "Neck")])
    assert lumbar is None or not any(c.startswith("imaging/mri-cervical") for c in lumbar.concepts)
    assert study(series=[series("MR", "Cervical spine")]) is not None
