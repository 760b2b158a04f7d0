"""Put our synthetic patients on a FHIR server, for trying the service and for tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

from cds_service.errors import StartError
from cds_service.fixture_patients import FixturePatient, fixture_patients

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

_SECONDS = 60
_BETWEEN_TRIES = 2.0
_FHIR_JSON = "application/fhir+json"


class LoadError(StartError):
    """The patients could not be put on the server; says what it answered."""


def load_fixtures(
    base: str, folder: Path, as_of: date, token: str | None, wait_seconds: int
) -> Iterator[str]:
    """A line for each patient and a closing one.

    A patient is a batch of updates under fixed ids, so that loading again changes nothing but the dates.

    Args:
        base: Base URL of the server.
        folder: With ``hook_requests`` and ``vignettes``.
        as_of: The day dates are counted from.
        token: Bearer token, or None.
        wait_seconds: How long to wait for the server to be there.

    Raises:
        LoadError: The server is not there, or refused something.
    """
    base = base.rstrip("/")
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Accept"] = _FHIR_JSON
        if token:
            session.headers["Authorization"] = f"Bearer {token}"
        _wait_for(session, base, wait_seconds)
        patients = resources = 0
        for patient in fixture_patients(folder, as_of):
            _put(session, base, patient)
            patients, resources = patients + 1, resources + len(patient.resources)
            yield f"Patient/{patient.id}: {len(patient.resources)} resources"
    if not patients:
        raise LoadError(f"{folder}: no hook_requests or vignettes in it; give the fixtures folder")
    yield f"{patients} patients, {resources} resources on {base}"


def _wait_for(session: requests.Session, base: str, seconds: int) -> None:
    deadline = time.monotonic() + seconds
    while (problem := _why_not(session, base)) is not None:
        if time.monotonic() >= deadline:
            raise LoadError(f"{base}/metadata: {problem}; is a FHIR server there?")
        time.sleep(_BETWEEN_TRIES)


def _why_not(session: requests.Session, base: str) -> str | None:
    """Why the server cannot be used yet; None when it can."""
    try:
        answer = session.get(f"{base}/metadata", timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return type(error).__name__
    return None if answer.status_code == requests.codes.ok else f"HTTP {answer.status_code}"


def _put(session: requests.Session, base: str, patient: FixturePatient) -> None:
    entries: list[dict[str, Any]] = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in patient.resources
    ]
    batch: dict[str, Any] = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = session.post(
        base, json=batch, headers={"Content-Type": _FHIR_JSON}, timeout=_SECONDS, allow_redirects=False
    )
    if answer.status_code != requests.codes.ok:
        raise LoadError(f"{base}: HTTP {answer.status_code} for the batch of Patient/{patient.id}")
    for entry, done in zip(entries, answer.json().get("entry", []), strict=True):
        status = str(done.get("response", {}).get("status", ""))
        if not status.startswith("2"):
            raise LoadError(f"{base}: {status or 'no status'} for {entry['request']['url']}")
