"""What is shipped: a wheel with every file of the package, and container files that fit the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml
from click.testing import CliRunner
from flit_core.buildapi import build_wheel

from cds_service.cli import commands
from cds_service.config import read_settings

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


def compose() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
SETTINGS = {"type": "object", "additionalProperties": {"type": "string"}}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
# What a Compose file may say, as far as ours says it; a misspelt member is then an unknown one.
COMPOSE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "services", "volumes"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "anyOf": [{"required": ["image"]}, {"required": ["build"]}],
                "properties": {
                    "image": {"type": "string", "pattern": "^[a-z0-9./-]+:[A-Za-z0-9._-]+$"},
                    "build": {"type": "string"},
                    "command": TEXTS,
                    "environment": SETTINGS,
                    "ports": TEXTS,
                    "volumes": TEXTS,
                    "networks": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {"aliases": TEXTS},
                        },
                    },
                    "healthcheck": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "test": TEXTS,
                            "interval": DURATION,
                            "timeout": DURATION,
                            "start_period": DURATION,
                            "retries": {"type": "integer"},
                            "disable": {"type": "boolean"},
                        },
                    },
                    "depends_on": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["condition"],
                            "properties": {
                                "condition": {
                                    "enum": [
                                        "service_started",
                                        "service_healthy",
                                        "service_completed_successfully",
                                    ]
                                }
                            },
                        },
                    },
                    "read_only": {"type": "boolean"},
                    "tmpfs": TEXTS,
                    "cap_drop": TEXTS,
                    "security_opt": TEXTS,
                    "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                },
            },
        },
    },
}


def test_compose_says_nothing_a_compose_file_cannot_say() -> None:
    valid = fastjsonschema.compile(COMPOSE)
    valid(compose())
    misspelt = compose()
    misspelt["services"]["cds"]["imagee"] = "x"
    with pytest.raises(fastjsonschema.JsonSchemaException):
        valid(misspelt)


def test_compose_names_only_what_it_has() -> None:
    loaded = compose()
    for name, service in loaded["services"].items():
        assert set(service.get("depends_on", {})) <= set(loaded["services"]), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in loaded["volumes"], volume
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nothing of it is for other machines"


def test_compose_waits_for_what_it_needs() -> None:
    services = compose()["services"]
    waits = {
        (name, other): how["condition"]
        for name, service in services.items()
        for other, how in service.get("depends_on", {}).items()
    }
    assert waits == {
        ("fhir", "postgres"): "service_healthy",
        ("fixtures", "fhir"): "service_started",
        ("cds", "fixtures"): "service_completed_successfully",
    }
    assert services["postgres"]["healthcheck"]["test"][1] == "pg_isready"
    assert "/readyz" in services["cds"]["healthcheck"]["test"][-1]
    assert int(services["fixtures"]["command"][-1]) >= 60, "loading waits for the FHIR server itself"


def test_compose_starts_commands_and_settings_that_exist() -> None:
    services = compose()["services"]
    environment = services["cds"]["environment"]
    settings = read_settings(
        {
            name: _on_this_machine(str(value), services["cds"]["volumes"])
            for name, value in environment.items()
            if "$" not in value
        }
    )
    assert settings.accept_anyone, "it listens on every address of its container"
    (server,) = settings.allow_list.servers
    host, _, port = server.name.partition(":")
    assert host in services["fhir"]["networks"]["default"]["aliases"]
    assert port == services["fhir"]["environment"]["server.port"]
    assert services["fhir"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    done = CliRunner().invoke(commands, [*services["fixtures"]["command"][1:2], "--help"])
    assert done.exit_code == 0


def _on_this_machine(value: str, volumes: list[str]) -> str:
    """A path in the container as the mounted one it stands for."""
    for volume in volumes:
        here, there, *_ = volume.split(":")
        if value.startswith(f"{there}/"):
            return str(ROOT / here / value.removeprefix(f"{there}/"))
    return value


def test_compose_publishes_the_port_the_image_listens_on() -> None:
    assert compose()["services"]["cds"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "EXPOSE 8080" in (ROOT / "Dockerfile").read_text()


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
