"""A real FHIR R4 server for contract tests: Medplum's search engine on Node, installed into ``build``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "tests" / "contract" / "fhir_server"
PLACE = ROOT / "build" / "fhir-server"
FILES = ("package.json", "package-lock.json", "server.mjs")


def installed() -> Path:
    """Folder of the server, made when it is not there; the test is skipped where it cannot be had."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} (Node.js 20 or newer) to start a real FHIR server")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(SOURCE / name, PLACE / name)
    if not (PLACE / "node_modules" / "@medplum" / "fhir-router").is_dir():
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=PLACE,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"npm could not install the FHIR server: {done.stderr.strip()[-200:]}")
    return PLACE


@contextmanager
def real_fhir_server(token: str, page: int = 20, data: str = "") -> Iterator[str]:
    """Base URL of an empty server, or one loaded with ``.ndjson`` files (joined by ``:``)."""
    environment = {"FHIR_PORT": "0", "FHIR_TOKEN": token, "FHIR_PAGE": str(page), "FHIR_DATA": data}
    server = subprocess.Popen(
        # Node 20 has no WebSocket without the switch; later ones take it too.
        ["node", "--experimental-websocket", "--max-old-space-size=4096", "server.mjs"],
        cwd=installed(),
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        base = server.stdout.readline().strip()  # printed when it listens
        if not base:
            pytest.fail("the FHIR server did not start")
        yield base
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
