"""Parts of the service that are loaded only where the settings ask for them, or when first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.advise import Knowledge
    from cds_service.config import Settings
    from cds_service.growing_knowledge import GrowingKnowledge
    from cds_service.records.recorder import Recorder
    from cds_service.records.store import Store
    from cds_service.security.gate import Gate
    from cds_service.security.registry import Registry


def read_registry(settings: Settings) -> Registry | None:
    """The registry of clients; None where everyone may call.

    Raises:
        RegistryError: Says what is wrong with it.
    """
    if settings.clients is None:
        return None
    from cds_service.security.registry import load_registry

    return load_registry(settings.clients, is_production=settings.is_production)


def gate(registry: Registry | None, settings: Settings, recorder: Recorder) -> Gate | None:
    """What verifies callers; None where everyone may call."""
    if registry is None:
        return None
    # Loaded only here: the cryptography behind it costs as much as the rest of the start.
    from cds_service.security.gate import Gate
    from cds_service.security.keys import KeyCache
    from cds_service.security.tokens import Verifier

    return Gate(Verifier(registry, KeyCache(), recorder.remember_token, settings.public_url))


def open_store(settings: Settings) -> Store:
    """The store of these settings.

    Raises:
        StoreError: Says what to do.
    """
    from cds_service.records.store import Store

    return Store.open(settings.store_url)


def insights_page(recorder: Recorder) -> str:
    """What the cards came to, as a page.

    Raises:
        StoreUnavailable: It cannot be said now.
    """
    from cds_service.insight.page import page
    from cds_service.insight.report import report

    recorder.flush()
    return page(report(recorder.store().engine))


def growing_knowledge(knowledge: Knowledge, settings: Settings) -> GrowingKnowledge | None:
    """The knowledge with what a terminology server adds once it is started; None without such a server."""
    if not settings.terminology_server:
        return None
    from cds_service.growing_knowledge import GrowingKnowledge

    return GrowingKnowledge(knowledge, settings)
