"""Cards shown, calls by day, feedback, used tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "shown_card",
        sa.Column("card_uuid", sa.String(36), primary_key=True),
        sa.Column("shown_at", sa.DateTime(), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("hook_instance", sa.String(36)),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("indicator", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
    )
    op.create_index("shown_card_by_time", "shown_card", ["shown_at"])
    op.create_table(
        "shown_suggestion",
        sa.Column("suggestion_uuid", sa.String(36), primary_key=True),
        sa.Column("card_uuid", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
    )
    op.create_index("shown_suggestion_by_card", "shown_suggestion", ["card_uuid"])
    op.create_table(
        "calls",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("client", sa.String(64), primary_key=True),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("with_cards", sa.Integer(), nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("card_uuid", sa.String(36)),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("has_comment", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("suggestions", sa.Text(), nullable=False),
    )
    op.create_index("feedback_by_card", "feedback", ["card_uuid"])
    op.create_index("feedback_by_time", "feedback", ["received_at"])
    op.create_table(
        "used_token",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("kept_until", sa.DateTime(), nullable=False),
    )
    op.create_index("used_token_by_time", "used_token", ["kept_until"])


def downgrade() -> None:
    """Not offered: what was kept would be lost. Restore a backup instead."""
    raise NotImplementedError
