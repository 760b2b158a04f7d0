"""The files for running the service elsewhere: manifests, alerts and dashboard that load and fit the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.config import NAMES, Settings
from cds_service.instruments import COUNTERS, TIMES

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = ROOT / "deploy/kubernetes/cds-service.yaml"
ALERTS = ROOT / "deploy/monitoring/alerts.yaml"
SCRAPE = ROOT / "deploy/monitoring/scrape.yaml"
DASHBOARD = ROOT / "deploy/monitoring/grafana-dashboard.json"
METRICS = {f"{name}_total" for name, _, _ in COUNTERS.values()} | {
    f"{name}_bucket" for name, _, _ in TIMES.values()
}
PROMTOOL = shutil.which("promtool")


def objects() -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(MANIFESTS.read_text()) if found]


def kinds(kind: str) -> list[dict[str, Any]]:
    return [found for found in objects() if found["kind"] == kind]


def pods() -> list[dict[str, Any]]:
    found = [each["spec"]["template"]["spec"] for each in (*kinds("Deployment"), *kinds("Job"))]
    return found + [each["spec"]["jobTemplate"]["spec"]["template"]["spec"] for each in kinds("CronJob")]


@pytest.fixture(scope="module")
def schemas() -> Any:
    """The schemas of Kubernetes; the library takes seconds to load, for whoever asks."""
    import kubernetes_validate

    return kubernetes_validate


@pytest.mark.parametrize("found", objects(), ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
@pytest.mark.parametrize("version", ["1.29", "1.34"])
def test_every_manifest_is_valid(found: dict[str, Any], version: str, schemas: Any) -> None:
    schemas.validate(found, version, strict=True)


def test_a_manifest_that_is_none_would_be_found(schemas: Any) -> None:
    broken = kinds("Deployment")[0] | {"spec": {"replicas": "two"}}
    with pytest.raises(schemas.ValidationError):
        schemas.validate(broken, "1.29", strict=True)


def test_no_pod_runs_as_root_writes_to_its_disk_or_holds_a_token() -> None:
    assert len(pods()) == 3
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert not container["securityContext"]["allowPrivilegeEscalation"]
            assert container["resources"]["limits"]["memory"]


def test_the_manifests_set_only_settings_that_exist() -> None:
    configured = set(kinds("ConfigMap")[0]["data"])
    for pod in pods():
        configured |= {each["name"] for container in pod["containers"] for each in container["env"]}
    assert configured <= set(NAMES.values())


def test_the_image_runs_as_the_user_of_the_manifests() -> None:
    user = pods()[0]["securityContext"]["runAsUser"]
    assert f"USER {user}" in (ROOT / "Dockerfile").read_text()


def expressions() -> list[str]:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [rule["expr"] for rule in rules] + [
        target["expr"] for panel in panels for target in panel["targets"]
    ]


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    named = {name for text in expressions() for name in re.findall(r"\bcds_\w+", text)}
    assert METRICS - named == {"cds_feedback_new_total", "cds_verdicts_total"}, "nobody looks at these"


def test_prometheus_asks_under_the_name_the_alerts_know_with_the_token_metrics_need() -> None:
    (job,) = yaml.safe_load(SCRAPE.read_text())
    jobs = {name for text in expressions() for name in re.findall(r'job="([^"]+)"', text)}
    assert jobs == {job["job_name"]}
    assert job["authorization"]["type"] == "Bearer"
    (keep,) = [rule for rule in job["relabel_configs"] if rule.get("action") == "keep"]
    (deployment,) = kinds("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    (port,) = deployment["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert keep["regex"] == f"{labels['app']};{port['name']}"


def test_the_ingress_leads_to_what_cards_link_to() -> None:
    settings = Settings(base_url=kinds("ConfigMap")[0]["data"]["CDS_BASE_URL"])
    (rule,) = kinds("Ingress")[0]["spec"]["rules"]
    paths = {path["path"] for path in rule["http"]["paths"]}
    assert settings.links_base == f"https://{rule['host']}"
    assert paths == {"/cds-services", "/pathway", "/pages"}


def test_every_alert_says_what_it_means() -> None:
    for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert {"summary", "description"} <= set(rule["annotations"])


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool on this machine (Debian: apt install prometheus)")
def test_prometheus_itself_loads_the_alerts() -> None:
    done = subprocess.run(
        [str(PROMTOOL), "check", "rules", ALERTS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_dashboard_has_what_grafana_needs_to_load_it() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    assert {"title", "uid", "schemaVersion", "panels", "templating"} <= set(dashboard)
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(places) == len(set(places))
    for panel in dashboard["panels"]:
        assert {"title", "type", "gridPos", "targets", "datasource"} <= set(panel)
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
