"""Migrations of the store, run by Alembic. They only add: old processes go on while a rollout lasts."""
