from __future__ import annotations

from datetime import date

import pytest

from cds_service.inspection.facts import fact_lines
from cds_service.pathway.case import NeckPainCase, Readability, Subject
from cds_service.pathway.facts import (
    Allergy,
    CourseStatement,
    DrugUse,
    ImagingReport,
    Implant,
    Measurement,
    NotInterpretable,
    Service,
    Statement,
    Visit,
)
from cds_service.pathway.vocabulary import (
    AgeRange,
    Course,
    Intake,
    MrLabel,
    Precision,
    Sex,
    Source,
    User,
    When,
)

DAY = When(date(2026, 5, 4))
YEAR = When(date(2026, 5, 4), Precision.YEAR)
ONE = frozenset({"a/b"})


def case_of(**more: object) -> NeckPainCase:
    known: dict[str, object] = {
        "as_of": date(2026, 5, 4),
        "subject": Subject("Patient/1", None, "Practitioner/1"),
        "user": User.CLINICIAN,
        "age_years": AgeRange(50, 50),
        "sex": Sex.FEMALE,
    }
    return NeckPainCase(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "sex", "line"),
    [
        (AgeRange(50, 50), Sex.MALE, "Patient/1, 50 years, male"),
        (AgeRange(49, 50), None, "Patient/1, 49 to 50 years, sex not recorded"),
        (None, Sex.OTHER, "Patient/1, age not known, other"),
    ],
    ids=["known", "a range", "unknown"],
)
def test_who(age: AgeRange | None, sex: Sex | None, line: str) -> None:
    assert list(fact_lines(case_of(age_years=age, sex=sex))) == [line]


def test_every_kind_of_fact_is_a_line_with_its_source() -> None:
    source = Source("Type/1", "words", ("Type/2",))
    case = case_of(
        statements=(Statement(ONE, source, "Condition", onset=YEAR, is_active=False),),
        measurements=(
            Measurement("obs/crp", source, DAY, 42.0, "mg/L", comparator=">"),
            Measurement("x", source, None, None),
        ),
        drugs=(
            DrugUse(ONE, source, Intake.TAKEN, "ibuprofen", is_current=True),
            DrugUse(ONE, source, Intake.PRESCRIBED),
        ),
        allergies=(Allergy(ONE, source),),
        services=(Service(ONE, source, "ServiceRequest", "ordered", authored=DAY),),
        imaging=(ImagingReport(ONE, source, "DiagnosticReport", findings=ONE),),
        implants=(Implant(ONE, source, MrLabel.SAFE), Implant(ONE, source)),
        visits=(Visit(source, date(2026, 6, 1), concerns_neck=True),),
        courses=(CourseStatement(Course.STABLE, source, DAY),),
        readability=Readability(not_interpretable=(NotInterpretable("Observation/9", "CRP", "unit"),)),
    )
    lines = list(fact_lines(case))
    assert lines[1] == 'Type/1: a/b; present; not active; onset 2026-05-04 (by year); "words"; also in Type/2'
    assert lines[2].startswith("Type/1: obs/crp; >42 mg/L; on 2026-05-04;")
    assert lines[4].startswith("Type/1: a/b; ibuprofen; taken; now;")
    assert lines[5].startswith("Type/1: a/b; prescribed; ended;")
    assert "ordered 2026-05-04" in lines[7]
    assert [line.split("; ")[1] for line in lines[9:11]] == ["safe", "no MR label"]
    assert lines[11:] == [
        "Type/1: appointment on 2026-06-01",
        "Type/1: pain stable, on 2026-05-04",
        "Observation/9: CRP could not be interpreted (unit)",
    ]
