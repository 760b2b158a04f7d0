"""Alembic's entry: runs the migrations on the connection it is given, inside its transaction."""

from __future__ import annotations

from alembic import context

from cds_service.records.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
