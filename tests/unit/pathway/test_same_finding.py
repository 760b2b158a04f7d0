"""Which findings a denial is about, by its words."""

from __future__ import annotations

import pytest
from msgspec import structs

from cds_service.pathway.same_finding import is_same_diagnosis, is_same_finding
from cds_service.pathway.vocabulary import Source
from tests.builders import statement


def said(text: str) -> object:
    return structs.replace(statement("red-flag/any", 1), source=Source("Observation/1", text))


@pytest.mark.parametrize(
    ("denial", "finding"),
    [
        ("Weakness", "Progressive weakness of right arm"),
        ("Motor weakness: Absent (qualifier value)", "Weakness of hand"),
        ("Gait normal", "Spastic gait"),
        ("Do you have any trouble walking?", "Gait disturbance"),
        ("Bowel or bladder dysfunction", "Urinary retention"),
        ("Vertebral tenderness", "Spinous process tenderness C5"),
        ("Urinary retention", "Retention of urine"),
        ("Gait normal", "Ataxia"),
        ("Stiff neck", "Nuchal rigidity"),
        ("Hyperreflexia", "Hyperreflexia"),
        ("", "Clonus"),
        ("Absent", "Clonus"),
    ],
)
def test_the_same_or_something_that_includes_it(denial: str, finding: str) -> None:
    assert is_same_finding(said(denial), said(finding))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("denial", "finding"),
    [
        ("Weakness of hand", "Progressive weakness of right arm"),
        ("Ataxic gait", "Spastic gait"),
        ("Ataxia", "Spastic gait"),
        ("Urinary incontinence", "Urinary retention"),
        ("Spinous process tenderness C7", "Spinous process tenderness C5"),
        ("Clumsiness of both hands", "Tingling of both hands"),
        ("Hyperreflexia", "Clonus"),
        ("Hemiplegia", "Paraplegia"),
        ("Numbness right C8 dermatome", "Numbness right C6 dermatome"),
        ("Photophobia", "Neck stiffness"),
    ],
)
def test_another_finding(denial: str, finding: str) -> None:
    assert not is_same_finding(said(denial), said(finding))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("denial", "diagnosis", "is_same"),
    [
        ("Discitis", "Discitis, cervical region", True),
        ("Discitis, unspecified, cervical region", "Discitis, cervical region", True),
        ("Discitis, lumbar region", "Discitis, cervical region", False),
        ("Discitis, cervical region", "Discitis, lumbar region", False),
        (
            "Cervical disc disorder with myelopathy",
            "Other spondylosis with myelopathy, cervical region",
            False,
        ),
    ],
)
def test_a_region_is_part_of_a_diagnosis(denial: str, diagnosis: str, is_same: bool) -> None:
    assert is_same_diagnosis(said(denial), said(diagnosis)) is is_same  # type: ignore[arg-type]
