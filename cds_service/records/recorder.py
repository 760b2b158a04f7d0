"""Keeps what is shown without slowing the answer, and feedback before it is acknowledged.

Answered calls go into a bounded queue; a thread of this process writes them in groups. Feedback is written by
the request that brings it, which is acknowledged only then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from cds_service import telemetry
from cds_service.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cds_service.records.entries import Answered, Feedback
    from cds_service.records.store import Store

# At most so many calls wait to be written; of more, the oldest are given up and counted.
QUEUED = 10_000
GROUP = 200
PAUSE_SECONDS = 0.25
TOKENS_EVERY_SECONDS = 600.0


class Recorder:
    """The store of a process and the queue before it.

    Args:
        open_store: Opens the store; called once, when it is first needed. SQLAlchemy is imported there.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._store: Store | None = None
        self._opening = threading.Lock()
        self._queue: deque[Answered] = deque()
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost = 0
        self._is_writable = True
        self._trying = threading.Lock()

    def start(self) -> None:
        """Open the store and begin to write; a store that cannot be used stops the start.

        Raises:
            StoreError: Says what to do.
        """
        with self._opening:
            if self._store is None:
                self._store = self._open_store()
                self._thread = threading.Thread(target=self._write_on, name="recorder", daemon=True)
                self._thread.start()

    def store(self) -> Store:
        """The store, opened if it is not yet.

        Raises:
            StoreUnavailable: It cannot be opened now.
        """
        if self._store is None:
            try:
                self.start()
            except StoreError:
                raise StoreUnavailable from None
        if self._store is None:
            raise StoreUnavailable
        return self._store

    @property
    def is_open(self) -> bool:
        """Whether the store was needed yet."""
        return self._store is not None

    @property
    def lost(self) -> int:
        """Calls given up because the store could not be written for too long."""
        return self._lost

    def check(self) -> bool:
        """Whether the store answers, and takes what is written; one that nobody needed yet is not opened.

        A full disk can be read. So after a write that failed another one has to succeed first.
        """
        if self._store is not None and not self._store.check():
            return False
        if not self._is_writable:
            self._try_to_write()
        return self._is_writable

    def _try_to_write(self) -> None:
        """Write what is forgotten again; of those who ask one tries, the others go by what is known."""
        if not self._trying.acquire(blocking=False):
            return
        try:
            with suppress(StoreUnavailable):
                self.remember_token("readiness", uuid4().hex, 0)
        finally:
            self._trying.release()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Keep in mind whether what is written inside could be."""
        try:
            yield
        except Exception:
            self._is_writable = False
            raise
        self._is_writable = True

    def answered(self, call: Answered) -> None:
        """Keep a call; takes no time."""
        self._queue.append(call)
        if len(self._queue) > QUEUED:
            self._queue.popleft()
            self._lost += self.is_open

    def add_feedback(self, items: Sequence[Feedback]) -> int:
        """Keep feedback; on the disk when this returns.

        Raises:
            StoreUnavailable: Nothing was kept.
        """
        with self._watched():
            return self.store().add_feedback(items)

    def remember_token(self, issuer: str, jti: str, kept_until: float) -> bool:
        """Whether a token's id is new.

        Raises:
            StoreUnavailable: Not to be known now.
        """
        with self._watched():
            return self.store().remember_token(issuer, jti, kept_until)

    def flush(self) -> bool:
        """Write everything that waits; whether that succeeded."""
        with self._writing:
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                try:
                    with self._watched():
                        self.store().add_answered(group)
                except Exception as error:
                    self._queue.extendleft(reversed(group))
                    telemetry.emit(
                        telemetry.STORE_FAILED,
                        logging.ERROR,
                        error_type=type(error).__name__,
                        waiting=len(self._queue),
                    )
                    return False
        return True

    def stop(self) -> None:
        """Write what waits and close; a store that was never needed is not opened for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._store is not None:
            self.flush()
            self._store.close()

    def _write_on(self) -> None:
        tokens_at = time.monotonic()
        while not self._stopping.wait(PAUSE_SECONDS):
            if not self.flush():
                self._stopping.wait(PAUSE_SECONDS * 8)
            elif time.monotonic() >= tokens_at:
                tokens_at = time.monotonic() + TOKENS_EVERY_SECONDS
                self._forget_tokens()

    def _forget_tokens(self) -> None:
        try:
            self.store().forget_expired_tokens()
        except Exception as error:
            telemetry.emit(telemetry.STORE_FAILED, logging.ERROR, error_type=type(error).__name__)
