"""Which value sets speak about which red flag.

Sets named ``-possible`` and ``context/*`` are weaker on purpose and stand under WEAK alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGET = "target-diagnosis"

INFECTION_TARGETS = frozenset(
    {
        "red-flag/vertebral-osteomyelitis",
        "red-flag/discitis",
        "red-flag/epidural-abscess",
        "red-flag/spinal-infection-other",
    }
)
TUMOUR_TARGETS = frozenset({"red-flag/spinal-metastasis", "red-flag/spinal-tumour"})
TARGETS = INFECTION_TARGETS | TUMOUR_TARGETS
ABSCESS = "red-flag/epidural-abscess"
CORD = frozenset({"red-flag/myelopathy", "red-flag/cord-compression"})
CORD_INJURY = "red-flag/cord-injury"
PARALYSIS = "red-flag/paralysis"
MOTOR = frozenset({"red-flag/motor-weakness", PARALYSIS})
SENSORY = "red-flag/sensory-deficit"
RADICULOPATHY = "presenting/cervical-radiculopathy"
HOFFMANN = "red-flag/hoffmann-lhermitte"
DEFICITS = MOTOR | {SENSORY, "red-flag/reflex-loss"}
IMMUNE_CONDITIONS = frozenset({"red-flag/hiv", "red-flag/transplant", "red-flag/immunosuppression"})
IMMUNE_DRUGS = frozenset({"drug/immunosuppressant", "drug/methotrexate"})
B_CELL_DRUG = "drug/b-cell-depletion"
STEROID = "drug/systemic-corticosteroid"
# Nearly always given for tumours; a few (leuprolide, megestrol) for other things too.
ANTINEOPLASTIC = "drug/antineoplastic"
CANCER_DRUGS = IMMUNE_DRUGS | {B_CELL_DRUG, ANTINEOPLASTIC}
CANCER_DIAGNOSES = frozenset(
    {"red-flag/malignancy-current", "red-flag/malignancy-history", "red-flag/cancer-pain"}
)
CANCER_TREATMENT = "red-flag/cancer-treatment"

STRONG: Mapping[str, frozenset[str]] = {
    "R5": frozenset({"red-flag/fever"}),
    "R6": frozenset({"red-flag/weight-loss"}),
    "R7": frozenset({"red-flag/night-sweats"}),
    "R8": frozenset({"red-flag/elevated-esr"}),
    "R9": frozenset({"red-flag/elevated-crp"}),
    "R10": frozenset({"red-flag/leukocytosis"}),
    "R11": CANCER_DIAGNOSES | {CANCER_TREATMENT},
    "R12": IMMUNE_CONDITIONS | IMMUNE_DRUGS,
    "R13": frozenset({"red-flag/iv-drug-use"}),
    "R14": frozenset({"red-flag/motor-weakness"}),
    "R15": DEFICITS | CORD | {CORD_INJURY},
    "R16": frozenset({"red-flag/bilateral-symptoms"}),
    "R17": frozenset({"red-flag/gait-disturbance"}),
    "R18": frozenset({"red-flag/bladder-bowel", "red-flag/cauda-equina"}),
    "R19": frozenset({"red-flag/hyperreflexia", HOFFMANN}),
    "R20": frozenset({"red-flag/extensor-plantar"}),
    "R21": frozenset({"red-flag/intractable-pain"}),
    "R22": frozenset({"red-flag/vertebral-tenderness"}),
    TARGET: TARGETS,
}
WEAK: Mapping[str, frozenset[str]] = {
    "R5": frozenset({"red-flag/fever-possible"}),
    "R6": frozenset({"red-flag/weight-loss-possible"}),
    "R11": frozenset({"red-flag/malignancy-possible"}),
    "R12": frozenset({"red-flag/immunosuppression-possible", STEROID}),
    "R13": frozenset({"red-flag/iv-drug-use-possible"}),
    "R14": frozenset({"red-flag/weakness-nonspecific"}),
    "R15": frozenset({"red-flag/abnormal-reflex-possible", "red-flag/myelopathy-possible"}),
    "R16": frozenset({"red-flag/bilateral-symptoms-possible"}),
    "R18": frozenset({"context/bladder-other-cause"}),
    "R22": frozenset({"red-flag/vertebral-tenderness-possible"}),
    TARGET: frozenset({"red-flag/epidural-abscess-possible"}),
}
DENIED_BY: Mapping[str, frozenset[str]] = {
    "R5": frozenset({"absent/fever"}),
    "R13": frozenset({"absent/injection-drug-use"}),
    "R20": frozenset({"absent/extensor-plantar"}),
}
MEASURED: Mapping[str, frozenset[str]] = {
    "R5": frozenset({"obs/body-temperature"}),
    "R6": frozenset({"obs/body-weight"}),
    "R8": frozenset({"obs/esr"}),
    "R9": frozenset({"obs/crp", "obs/hs-crp"}),
    "R10": frozenset({"obs/wbc"}),
    "R14": frozenset({"obs/muscle-strength"}),
    "R15": frozenset({"obs/muscle-strength"}),
    "R21": frozenset({"obs/pain-severity"}),
}


# Flags that are one thing, so that denying it answers whatever merely hinted at it.
DENIED_AS_A_WHOLE = frozenset({"R5", "R6", "R7", "R14", "R16", "R17", "R20", "R21", "R22"})


# Flags that are several findings: one of them is not denied with another.
SEVERAL_FINDINGS = frozenset({"R12", "R14", "R15", "R16", "R17", "R18", "R19", "R22"})


# What else a flag is worked out from; nothing uninterpretable is put down to it.
_WORKED_OUT_FROM: Mapping[str, frozenset[str]] = {
    "R11": CANCER_DRUGS,
    "R12": frozenset({B_CELL_DRUG}),
    "R16": MOTOR | MEASURED["R14"] | {SENSORY, RADICULOPATHY},
}


def read_by(rule: str) -> frozenset[str]:
    """Every concept without which nothing speaks for or against a flag."""
    return concepts_of(rule) | _WORKED_OUT_FROM.get(rule, frozenset())


def concepts_of(rule: str) -> frozenset[str]:
    """Everything a flag reads."""
    sets = (STRONG, WEAK, DENIED_BY, MEASURED)
    return frozenset[str]().union(*(table.get(rule, frozenset()) for table in sets))
