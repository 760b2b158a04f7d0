"""The tables. A change here is a migration in ``migrations/versions``; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()
UUID_CHARS = 36
NAME_CHARS = 64

SHOWN_CARD = Table(
    "shown_card",
    METADATA,
    Column("card_uuid", String(UUID_CHARS), primary_key=True),
    Column("shown_at", DateTime(), nullable=False),  # UTC
    Column("client", String(NAME_CHARS), nullable=False),
    Column("service", String(NAME_CHARS), nullable=False),
    Column("hook", String(NAME_CHARS), nullable=False),
    Column("hook_instance", String(UUID_CHARS)),
    Column("rule", String(NAME_CHARS), nullable=False),
    Column("indicator", String(NAME_CHARS), nullable=False),
    Column("position", Integer(), nullable=False),
    Column("rules", Text(), nullable=False),  # JSON: list of rule ids
    Column("verdicts", Text(), nullable=False),  # JSON: verdict to number of rules
    Column("versions", Text(), nullable=False),  # JSON: part to version
    Index("shown_card_by_time", "shown_at"),
)

SHOWN_SUGGESTION = Table(
    "shown_suggestion",
    METADATA,
    Column("suggestion_uuid", String(UUID_CHARS), primary_key=True),
    Column("card_uuid", String(UUID_CHARS), nullable=False),
    Column("position", Integer(), nullable=False),
    Column("kind", String(NAME_CHARS), nullable=False),
    Index("shown_suggestion_by_card", "card_uuid"),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("day", Date(), primary_key=True),  # UTC
    Column("client", String(NAME_CHARS), primary_key=True),
    Column("service", String(NAME_CHARS), primary_key=True),
    Column("outcome", String(NAME_CHARS), primary_key=True),
    Column("number", Integer(), nullable=False),
    Column("with_cards", Integer(), nullable=False),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("received_at", DateTime(), nullable=False),  # UTC
    Column("happened_at", DateTime(), nullable=False),  # UTC, as the client says
    Column("client", String(NAME_CHARS), nullable=False),
    Column("service", String(NAME_CHARS), nullable=False),
    Column("card_uuid", String(UUID_CHARS)),
    Column("outcome", String(NAME_CHARS), nullable=False),
    Column("reason", String(NAME_CHARS)),
    Column("has_comment", Boolean(create_constraint=False), nullable=False),
    Column("suggestions", Text(), nullable=False),  # JSON: list of ids
    Index("feedback_by_card", "card_uuid"),
    Index("feedback_by_time", "received_at"),
)

USED_TOKEN = Table(
    "used_token",
    METADATA,
    Column("token_hash", LargeBinary(32), primary_key=True),  # SHA-256 of issuer and jti
    Column("kept_until", DateTime(), nullable=False),  # UTC
    Index("used_token_by_time", "kept_until"),
)
