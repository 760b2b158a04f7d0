"""Migrations, run with Alembic: by ``cds-service store upgrade``, and by itself for an SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

FOLDER = Path(__file__).parent / "migrations"
# Of several processes that begin at once, one upgrades and the others wait for it.
POSTGRES_LOCK = 4_720_231


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest migration; safe to run again and beside another process.

    Raises:
        StoreError: The database cannot be reached or refuses.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise StoreError(f"The store could not be upgraded ({reason}): see CDS_DATABASE_URL.") from None
