"""Records as hypothesis draws them: entries of vignettes, with any date, status and value."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from cds_service.vignettes.phrasebook import _book

# How many times as much is drawn as in every test run; `make search` draws more.
TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))

DAYS = st.integers(min_value=0, max_value=500).map(lambda days: f"{days} days ago")
ANY_DAY = st.one_of(DAYS, st.just("in 5 days"), st.sampled_from(["2011", "2026-03", "2019-06"]))
PAINS = (
    "neck pain",
    "chronic neck pain",
    "occipital headache",
    "cervical radiculopathy",
    "occipital neuralgia",
)


def drawn(examples: int) -> settings:
    """So many examples, or as many times more as are asked for."""
    return settings(max_examples=examples * TIMES)


def words(chapter: str) -> st.SearchStrategy[str]:
    """Any words of a chapter of the phrasebook."""
    return st.sampled_from(sorted(_book()[chapter]))


def _entry(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


CONDITIONS = _entry(
    {"condition": words("conditions")},
    {
        "since": ANY_DAY,
        "until": ANY_DAY,
        "recorded": ANY_DAY,
        "status": st.sampled_from(["active", "recurrence", "remission", "resolved", "inactive", "none"]),
        "verification": st.sampled_from(
            ["confirmed", "provisional", "differential", "refuted", "entered-in-error", "none"]
        ),
        "site": st.sampled_from(["neck", "left C7", "right arm", "occipital", "both hands"]),
    },
)
FINDINGS = _entry(
    {"finding": words("findings"), "when": DAYS},
    {
        "result": st.sampled_from(["present", "absent", "unanswered", "negative", "maybe"]),
        "status": st.sampled_from(["final", "preliminary", "cancelled", "entered-in-error"]),
    },
)
VALUES = st.one_of(
    st.floats(min_value=0, max_value=500, allow_nan=False).map(lambda v: f"{v:.1f}"),
    st.sampled_from(["<5", ">200", "38.0", "37.9", "0"]),
)
UNITS = st.sampled_from(["", " mg/L", " mg/dL", " mm/h", " 10*3/uL", " Cel", " [degF]", " kg", " furlongs"])
LABS = _entry(
    {
        "lab": words("measurements"),
        "value": st.tuples(VALUES, UNITS).map("".join),
        "when": DAYS,
    },
    {"flag": st.sampled_from(["H", "N", "L", "A"]), "normal up to": st.integers(1, 40)},
)
DRUGS = _entry(
    {"drug": words("drugs"), "from": DAYS},
    {
        "until": DAYS,
        "as": st.sampled_from(["statement", "prescription", "administration"]),
        "status": st.sampled_from(["active", "completed", "stopped", "not-taken", "on-hold"]),
        "daily": st.sampled_from(["20 mg", "5 mg", "3"]),
    },
)
COURSES = _entry({"course": st.sampled_from(["improved", "stable", "progressing"]), "when": DAYS}, {})
SCORES = _entry({"score": st.integers(0, 12), "when": DAYS}, {})
THERAPY = st.lists(DAYS, min_size=1, max_size=4).map(lambda days: {"physical therapy": days})
IMAGING = _entry(
    {"imaging": words("imaging"), "done": DAYS},
    {
        "conclusion": st.sampled_from(["No abnormality.", "Equivocal.", "Left C6-7 root compression."]),
        "shows": st.lists(words("conclusions"), max_size=1),
    },
)
ORDERS = _entry(
    {"order": words("orders"), "written": DAYS},
    {"status": st.sampled_from(["active", "on-hold", "draft", "revoked", "completed"])},
)
ENTRIES = st.one_of(
    CONDITIONS, FINDINGS, LABS, DRUGS, COURSES, SCORES, THERAPY, IMAGING, ORDERS,
    _entry({"allergy": words("allergies")}, {"reaction": st.sampled_from(["hives", "nausea"])}),
    _entry({"device": words("devices")}, {"label": st.sampled_from(["safe", "conditional", "unsafe"])}),
    _entry({"visit": st.sampled_from(["in 10 days", "in 40 days", "yesterday"])}, {}),
    _entry({"procedure": words("procedures")}, {"done": DAYS}),
)  # fmt: skip
NECK_PAIN = _entry({"condition": st.sampled_from(PAINS)}, {"since": DAYS, "recorded": DAYS})
RECORDS = st.tuples(NECK_PAIN, st.lists(ENTRIES, max_size=8)).map(lambda drawn: (drawn[0], *drawn[1]))
PATIENTS = st.fixed_dictionaries(
    {"age": st.integers(18, 99)}, optional={"sex": st.sampled_from(["female", "male", "other", "unknown"])}
)
