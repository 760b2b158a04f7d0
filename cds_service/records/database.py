"""A connection to the store: SQLite in a file, or PostgreSQL by URL, with the schema this version needs."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cds_service.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

# Newest migration; a test compares it with the files.
SCHEMA = "0001"
BUSY_SECONDS: float = 10
SWITCH_SECONDS = 0.02
CONNECT_SECONDS = 3
STATEMENT_MILLISECONDS = 5000
POOL = 5


def open_engine(url: str) -> Engine:
    """An engine for a URL; nothing is connected yet.

    Raises:
        StoreError: The URL names no database we can use.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        _make_folder(parsed)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, pool_size=POOL)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c statement_timeout={STATEMENT_MILLISECONDS}"
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options},
        pool_size=POOL,
        pool_pre_ping=True,
        pool_timeout=CONNECT_SECONDS,
    )


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, SQLAlchemyError):
        raise StoreError("CDS_DATABASE_URL: not a database URL.") from None
    is_in_memory = backend == "sqlite" and parsed.database in (None, "", ":memory:")
    if backend not in ("sqlite", "postgresql") or is_in_memory:
        raise StoreError(
            "CDS_DATABASE_URL: expected sqlite:///file or postgresql://user@host/database; "
            "nothing else is tested."
        )
    return parsed


def missing_file(url: str) -> Path | None:
    """The file of an SQLite store that is not there; None for one that is, and for a server.

    Raises:
        StoreError: The URL names no database we can use.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    path = Path(str(parsed.database))
    return None if path.exists() else path.absolute()


def _make_folder(parsed: URL) -> None:
    """SQLite makes the file, not the folder it is in."""
    folder = Path(str(parsed.database)).parent
    if not folder.is_dir():
        raise StoreError(f"CDS_DATABASE_URL: there is no folder {folder}.")


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Readers do not wait for the writer."""
    connection.isolation_level = None  # the driver begins no transaction of its own
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
    _keep_log(connection, time.monotonic() + BUSY_SECONDS)


def _keep_log(connection: Any, deadline: float) -> None:
    """Have SQLite write ahead to a log; of several that open a new file at once it refuses some, unwaited."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(SWITCH_SECONDS)
        else:
            return


def _begin_sqlite(connection: Any) -> None:
    """Writers take the lock at the beginning: a transaction that has to upgrade later fails at once.

    Their commit is on the disk when it returns, or as soon as may be for what is written in a hurry.
    """
    options = connection.get_execution_options()
    if options.get("reading"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('hurried') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def reading(engine: Engine) -> Engine:
    """The same database for reading alone, which waits for no writer."""
    return engine.execution_options(reading=True)


def hurried(engine: Engine) -> Engine:
    """The same database for what need not be on the disk yet when its transaction has ended."""
    return engine.execution_options(hurried=True)


def found_schema(engine: Engine) -> str | None:
    """The migration the database is at; None for a database without our tables.

    Raises:
        StoreError: It cannot be reached.
    """
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise StoreError(f"The store cannot be reached ({reason}): see CDS_DATABASE_URL.") from None


def check_schema(engine: Engine) -> None:
    """Stop unless the schema is this version's or a later one; an SQLite file is brought up to it.

    A later one is left alone: while an upgrade is rolled out, old processes go on beside new ones, and
    migrations only add.

    Raises:
        StoreError: Says which command to run.
    """
    found = found_schema(engine)
    if found is not None and found >= SCHEMA:
        return
    if engine.dialect.name == "sqlite":
        from cds_service.records.upgrade import upgrade

        upgrade(engine)
        return
    raise StoreError(
        f"The store's schema is at {found or 'nothing'}, this version needs {SCHEMA}: "
        "run `cds-service store upgrade` once."
    )
