"""Databases to test the store on: an SQLite file, and a PostgreSQL server of our own for the test run.

The server's programs are looked for where Debian puts them and on the PATH; it listens on a socket in a
temporary folder alone.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASES = ("sqlite", "postgresql")
NO_POSTGRESQL = (
    "no PostgreSQL server on this machine: initdb and postgres are neither on the PATH nor in "
    "/usr/lib/postgresql/*/bin (Debian: apt install postgresql)"
)


def url_of(kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty database; skips when there is no PostgreSQL to be had."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'store.sqlite3'}"
        return
    server = postgresql()
    if server is None:
        pytest.skip(NO_POSTGRESQL)
    name = f"t{uuid4().hex}"
    _psql(server, f"CREATE DATABASE {name}")
    yield f"postgresql://postgres@/{name}?host={server}"
    _psql(server, f"DROP DATABASE {name} WITH (FORCE)")


def _psql(server: Path, statement: str) -> None:
    psql = _programs() / "psql"
    subprocess.run(
        [psql, "-q", "-h", server, "-U", "postgres", "-c", statement], check=True, capture_output=True
    )


@cache
def _programs() -> Path:
    """Folder of the server's programs; raises FileNotFoundError without one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.insert(0, Path(found).parent)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "psql", "postgres")):
            return folder
    raise FileNotFoundError("initdb")


@cache
def postgresql() -> Path | None:
    """Folder with the socket of a server that runs until this process ends; None without a server."""
    try:
        programs = _programs()
    except FileNotFoundError:
        return None
    folder = Path(tempfile.mkdtemp(prefix="cds-pg-"))
    as_user = _who_may_run_it(folder)
    data = folder / "data"
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    initdb = f"initdb -D {data} -U postgres -A trust -E UTF8".split()
    start = ["pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    for program, *arguments in (initdb, start):
        command = [*as_user, str(programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    def stop() -> None:
        command: list[str | Path] = [*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return folder


def _who_may_run_it(folder: Path) -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root, which tests in a container do."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
