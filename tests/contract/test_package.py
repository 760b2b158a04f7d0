"""What is shipped: a wheel with every file of the package, and container files that fit the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from flit_core.buildapi import build_wheel

from cds_service.config import NAMES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    before = Path.cwd()
    os.chdir(ROOT)  # the build backend works in the current directory
    try:
        return folder / str(build_wheel(str(folder)))
    finally:
        os.chdir(before)


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "cds_service").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("cds_service/")}
    assert shipped == here


def test_the_service_loads_its_knowledge_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import cds_service, sys\n"
        "from cds_service.config import Settings\n"
        "from cds_service.wsgi import application\n"
        "answer = application(Settings()).test_client().get('/readyz')\n"
        "print(cds_service.__file__, answer.status_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "cds_service" / "__init__.py"), "200"]


def compose() -> dict[str, dict[str, dict[str, object]]]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(text)
    return loaded


def test_compose_sets_only_settings_that_exist() -> None:
    for service in compose()["services"].values():
        environment = service.get("environment", {})
        assert isinstance(environment, dict)
        assert set(environment) <= set(NAMES.values())


def test_compose_publishes_the_port_the_image_listens_on_to_this_machine_only() -> None:
    (service,) = compose()["services"].values()
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert "EXPOSE 8080" in (ROOT / "Dockerfile").read_text()
    assert set(service) <= {
        "build",
        "ports",
        "environment",
        "read_only",
        "cap_drop",
        "security_opt",
        "restart",
        "tmpfs",
    }


def test_everything_the_image_copies_is_there_and_not_ignored() -> None:
    copied = [
        name
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from=" not in line
        for name in line.split()[1:-1]
    ]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name in kept


def test_the_bill_of_materials_names_every_package_that_runs(tmp_path: Path) -> None:
    written = tmp_path / "sbom.json"
    command: list[str | Path] = [
        Path(sys.executable).parent / "cyclonedx-py",
        "requirements",
        ROOT / "requirements.lock",
    ]
    subprocess.run([*command, "--output-file", written], check=True, capture_output=True)
    listed = {part["name"].lower() for part in json.loads(written.read_text())["components"]}
    locked = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {name.lower() for name in locked} == listed
