"""The two commands on machines that lack something: each says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "tools" / "bootstrap.py"


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes an executable shell script."""

    def write(name: str, script: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return write


def make(target: str, tmp_path: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", target, f"VENV={tmp_path / 'venv'}", *variables]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def bootstrap(tmp_path: Path, prelude: str = "") -> subprocess.CompletedProcess[str]:
    """The script itself, with something about the machine changed before it runs."""
    folder = tmp_path / "venv"
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['bootstrap.py', {str(folder)!r}, 'requirements.lock', "
        f"{str(tmp_path / 'stamp')!r}, 'run']\n{prelude}\n"
        f"runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )


def environment_with(pip: str, fake: Callable[[str, str], Path]) -> None:
    """An environment whose Python says what ``pip`` says."""
    fake("venv/bin/pip", "exit 0")
    fake("venv/bin/python", pip)


def test_no_python_at_all(tmp_path: Path) -> None:
    done = make("run", tmp_path, "PYTHON=no-such-python")
    assert done.returncode
    assert "install Python 3.11 or newer, then run make again" in done.stderr


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "sys.version_info = (3, 9, 2)")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "is 3.9." in done.stderr
    assert "What to do" in done.stderr
    assert "Traceback" not in done.stderr


def test_make_takes_the_first_python_that_is_new_enough(
    tmp_path: Path, fake: Callable[[str, str], Path]
) -> None:
    fake("python3", "exit 1")
    fake("python3.14", "exit 1")
    chosen = fake(
        "python3.13", f'[ "$1" = -c ] && exit 0; echo "taken: $0 $*"; touch {tmp_path}/venv/.run-stamp'
    )
    fake("venv/bin/cds-service", 'echo "started $*"')
    done = subprocess.run(
        ["make", "--no-print-directory", "run", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert f"taken: {chosen}" in done.stdout
    assert "started serve --demo fixtures/hook_requests/red-flag-crp.json" in done.stdout


def test_started_again_nothing_is_installed(tmp_path: Path, fake: Callable[[str, str], Path]) -> None:
    fake("venv/bin/cds-service", "echo started")
    (tmp_path / "venv" / ".run-stamp").write_text("requirements.lock\n")
    done = make("run", tmp_path, "PYTHON=false")
    assert (done.returncode, done.stdout) == (0, "started\n")


def test_a_python_without_the_venv_module(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "import subprocess\nsubprocess.call = lambda *a, **k: 1")
    assert done.returncode == 1
    assert "its venv module is missing or incomplete" in done.stderr
    assert f"apt install python3.{sys.version_info.minor}-venv" in done.stderr


PIP_SAYS = {
    "no index": (
        "ERROR: Could not find a version that satisfies the requirement flask==3.1.3 (from versions: none)",
        "no package index could be reached",
    ),
    "a proxy in the way": ("WARNING: Retrying: ProxyError('Cannot connect to proxy')", "set HTTPS_PROXY"),
    "an altered package": ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "does not have the content that"),
    "anything else": ("ERROR: No space left on device", "pip failed while installing requirements.lock"),
}


@pytest.mark.parametrize(("words", "message"), PIP_SAYS.values(), ids=PIP_SAYS)
def test_pip_that_fails(words: str, message: str, tmp_path: Path, fake: Callable[[str, str], Path]) -> None:
    environment_with(f'echo "{words}"; exit 1', fake)
    done = bootstrap(tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "stamp").exists()


def environment_with_uv(uv: str, fake: Callable[[str, str], Path], tmp_path: Path) -> Path:
    """An environment with a uv of its own; both programs write down what they were called with."""
    calls = tmp_path / "calls.txt"
    said = "global.index-url='http://127.0.0.1:1/simple'\n:env:.find-links='/a /b'\nglobal.cert='/own.pem'"
    fake("venv/bin/pip", "exit 0")
    fake("venv/bin/python", f'echo "pip $*" >> {calls}\n[ "$4" = list ] && printf "%s\\n" "{said}"\nexit 0')
    fake("venv/bin/uv", f'echo "uv $* cert $SSL_CERT_FILE" >> {calls}\n{uv}')
    return calls


def test_uv_installs_what_is_locked_from_where_pip_was_told(
    tmp_path: Path, fake: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    calls = environment_with_uv("exit 0", fake, tmp_path)
    assert bootstrap(tmp_path).returncode == 0
    uv = next(line for line in calls.read_text().splitlines() if line.startswith("uv "))
    assert "--require-hashes -r requirements.lock" in uv
    assert "--find-links /a --find-links /b --default-index http://127.0.0.1:1/simple cert /own.pem" in uv
    assert "--requirement requirements.lock" not in calls.read_text()


def test_pip_installs_what_uv_could_not(tmp_path: Path, fake: Callable[[str, str], Path]) -> None:
    calls = environment_with_uv("exit 2", fake, tmp_path)
    assert bootstrap(tmp_path).returncode == 0
    assert "--require-hashes --requirement requirements.lock" in calls.read_text()
    assert (tmp_path / "stamp").exists()


def test_pip_that_succeeds_leaves_the_stamp(tmp_path: Path, fake: Callable[[str, str], Path]) -> None:
    environment_with("exit 0", fake)
    assert bootstrap(tmp_path).returncode == 0
    assert (tmp_path / "stamp").exists()


def test_the_bootstrap_script_can_be_read_by_old_pythons() -> None:
    source = BOOTSTRAP.read_text()
    compile(source, "bootstrap.py", "exec", dont_inherit=True)
    assert 'f"' not in source
    assert "match " not in source
    assert ":=" not in source


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-install.lock"])
def test_a_lock_pins_every_package_by_content_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert "://" not in text
    assert "index" not in text.replace("import-linter", "")


def test_both_locks_pin_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if line and not line.startswith((" ", "#"))}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
