"""What the record says, as plain facts without FHIR and without guideline numbers.

A fact holds no judgement: look-backs, limits and phases belong to the rules. ``None`` always means "not
recorded". ``concepts`` are the ids of our value sets (``red-flag/fever``, ``drug/nsaid``, ...).
"""

from __future__ import annotations

from datetime import date

from cds_service.pathway.vocabulary import (
    Course,
    Criticality,
    Flagging,
    Intake,
    MrLabel,
    Presence,
    Side,
    Site,
    Source,
    When,
)
from cds_service.value import Value


class Statement(Value, frozen=True):
    """A diagnosis, symptom, sign or history entry about this patient.

    From Condition, Observation (coded or boolean findings, lab findings coded as conditions), Flag,
    QuestionnaireResponse or Encounter reason. Entered-in-error and unanswered ones never get here.

    Attributes:
        concepts: Value set ids the code or text falls into; never empty.
        presence: Present, suspected or absent.
        is_active: Clinical status at ``as_of`` (active, recurrence, relapse; or no status and no
            abatement up to today). Always True for an Observation.
        is_recurrence: clinicalStatus recurrence or relapse.
        is_status_recorded: A clinicalStatus was recorded at all.
        onset: Start of the thing itself.
        onset_text: ``onsetString``, shown, not parsed.
        recorded: recordedDate, effective or issued date of the statement.
        abated: When it ended.
        sites, side, levels: From code, bodySite, qualifiers or matched text. ``levels`` are root
            levels like "C7" or disc levels like "C6-7".
        course: A course stated about this very thing (own value, note code, or an Observation whose
            ``focus`` is it), with its date.
        qualities: Pain character words found as codes, components or text: "paroxysmal",
            "lancinating", "shooting", "stabbing", "electric", "sudden", "severe", "intractable".
        is_preliminary: Observation.status preliminary.
        is_text_only: Matched by phrase, not by code.
        encounters: Ids of encounters it belongs to or is a reason or diagnosis of.
        is_current_encounter: It is a reason or diagnosis of the encounter of this call.
        is_order_reason: It is a reason of an order in hand (order hooks).
        first_mentioned, last_mentioned: Earliest date of an encounter that refers to it, and newest of an
            encounter or observation.
        kind: Resource type it came from.
    """

    concepts: frozenset[str]
    source: Source
    kind: str
    presence: Presence = Presence.PRESENT
    is_active: bool = True
    is_recurrence: bool = False
    is_status_recorded: bool = False
    onset: When | None = None
    onset_text: str | None = None
    recorded: When | None = None
    abated: When | None = None
    sites: frozenset[Site] = frozenset()
    side: Side | None = None
    levels: frozenset[str] = frozenset()
    course: Course | None = None
    course_on: When | None = None
    qualities: frozenset[str] = frozenset()
    is_preliminary: bool = False
    is_text_only: bool = False
    encounters: frozenset[str] = frozenset()
    is_current_encounter: bool = False
    is_order_reason: bool = False
    first_mentioned: When | None = None
    last_mentioned: When | None = None

    @property
    def newest_on(self) -> date | None:
        """Newest dated evidence for this statement, or None when nothing is dated."""
        dates = [w.on for w in (self.onset, self.recorded, self.last_mentioned) if w is not None]
        return max(dates, default=None)


class Measurement(Value, frozen=True):
    """A numeric result in the canonical unit of its quantity.

    Attributes:
        concept: ``obs/esr``, ``obs/crp``, ``obs/hs-crp``, ``obs/wbc``, ``obs/body-temperature``,
            ``obs/body-weight``, ``obs/egfr``, ``obs/pain-severity``, ``obs/systolic``,
            ``obs/diastolic``, ``obs/gestational-age`` (days), ``obs/muscle-strength`` (0-5).
        value: In the canonical unit (Cel, mg/L, mm/h, 10*9/L, kg, mL/min/1.73m2, score, mm[Hg], d),
            or None when only the laboratory's flag is usable.
        unit: The canonical unit as shown to people ("mg/L").
        original_value, original_unit: As recorded, for "CRP 4.2 mg/dL (42 mg/L)".
        comparator: "<", "<=", ">", ">=" or None.
        reference_high, reference_low: In the canonical unit, from the applicable referenceRange.
        flagging: The laboratory's own flag.
        muscle: For strength: "triceps", "elbow extension", ...
        qualifier: Grade as written for strength ("4+").
    """

    concept: str
    source: Source
    taken: When | None
    value: float | None
    unit: str = ""
    original_value: float | None = None
    original_unit: str = ""
    comparator: str | None = None
    reference_high: float | None = None
    reference_low: float | None = None
    flagging: Flagging | None = None
    is_preliminary: bool = False
    side: Side | None = None
    muscle: str = ""
    qualifier: str = ""


class DrugUse(Value, frozen=True):
    """A drug taken or prescribed, already past the status rules of the therapy-trial section.

    Attributes:
        concepts: ``drug/nsaid``, ``drug/ibuprofen``, ``drug/anticoagulant``, ...; one drug may have many.
        ingredient: Lower-case ingredient name where known, for doses and wording ("prednisone").
        is_systemic: False for eye, ear, nose, skin, inhaled, intra-articular and local rectal forms.
        start, end: Interval; ``end`` None while it goes on. ``end`` is stop date or supply end.
        is_current: Active at ``as_of``.
        daily_dose_mg: Mass of ingredient per day when dose and frequency are recorded.
        reasons: Concept ids of its indication.
    """

    concepts: frozenset[str]
    source: Source
    intake: Intake
    ingredient: str = ""
    is_systemic: bool = True
    start: When | None = None
    end: When | None = None
    is_current: bool = False
    daily_dose_mg: float | None = None
    reasons: frozenset[str] = frozenset()


class DrugRefusal(Value, frozen=True):
    """A not-taken statement, an intolerance or a refusal that excuses a missing part of the trial.

    Attributes:
        concepts: The drug or therapy (``drug/nsaid``, ``therapy/physical-therapy``).
        on: Since when, or on which day.
        until: Newest day it is known of; None while it goes on, or without any date.
        is_patients_choice: The patient refused.
    """

    concepts: frozenset[str]
    source: Source
    on: When | None = None
    until: When | None = None
    is_patients_choice: bool = False


class Allergy(Value, frozen=True):
    """An active allergy or intolerance that is not refuted and not entered in error.

    ``concepts`` is empty for one that matters to no rule.
    """

    concepts: frozenset[str]
    source: Source
    reaction: Criticality = Criticality.OTHER
    recorded: When | None = None


class Service(Value, frozen=True):
    """Something done or ordered: therapy session, operation, imaging, referral.

    Attributes:
        concepts: ``therapy/physical-therapy``, ``imaging/mri-cervical-wo``, ``referral/pain``, ...
        status: "done" (completed, in-progress session, final report), "ordered" (active or on-hold
            order), "draft", "planned" (CarePlan without sessions), "declined" (not-done).
        performed: For "done".
        authored: For orders.
        priority: routine, urgent, asap, stat or None as recorded.
        resource_id, resource: For an order in the record: bare id and the resource as received (bytes of
            JSON), so that an update can echo it.
    """

    concepts: frozenset[str]
    source: Source
    kind: str
    status: str
    performed: When | None = None
    authored: When | None = None
    priority: str | None = None
    sites: frozenset[Site] = frozenset()
    reasons: frozenset[str] = frozenset()
    resource: bytes | None = None


class ImagingReport(Value, frozen=True):
    """A finished imaging study or report (final, amended, corrected, completed).

    Attributes:
        concepts: ``imaging/mri-cervical-...`` etc.
        performed: Date of the study (effective, started); reported: issued.
        is_equivocal: Conclusion coded or worded equivocal, indeterminate or non-diagnostic.
        findings: Concept ids: ``imaging/finding-nerve-root-compression``, ``imaging/finding-degenerative``.
        side, levels: Of the compression, from codes or the strict conclusion pattern.
    """

    concepts: frozenset[str]
    source: Source
    kind: str
    performed: When | None = None
    reported: When | None = None
    is_equivocal: bool = False
    findings: frozenset[str] = frozenset()
    side: Side | None = None
    levels: frozenset[str] = frozenset()


class Implant(Value, frozen=True):
    """An implanted device that is not removed, inactive or entered in error. ``label`` None: not recorded."""

    concepts: frozenset[str]
    source: Source
    label: MrLabel | None = None
    implanted: When | None = None


class Visit(Value, frozen=True):
    """A booked, pending or proposed future appointment.

    ``concerns_neck``: True when its reason is the neck or none is given.
    """

    source: Source
    on: date
    concerns_neck: bool


class CourseStatement(Value, frozen=True):
    """A clinician-recorded course of the neck pain (not of a deficit), with its date."""

    course: Course
    source: Source
    on: When


class NotInterpretable(Value, frozen=True):
    """A resource or value that could be seen but not understood.

    Attributes:
        ref: ``Type/id``.
        what: Our own words or concept label: "CRP", "body temperature", "MedicationStatement".
        why: Key of a fixed reason: "unit", "implausible", "words" (no number), "answer" (none we know),
            "whose" (somebody else's, perhaps),
            "comparator", "no-date", "modifier", "drug" (nothing says which), "allergy" (nothing says to
            what), "element" (what it is about could not be read), "part" (the rest could not).
        concept: Concept it would have fed, where known (``obs/crp``), else "".
        on: Its date where that much could be read; without one it may matter today.
    """

    ref: str
    what: str
    why: str
    concept: str = ""
    on: When | None = None
