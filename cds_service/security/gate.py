"""The gate in front of every service: verified, and not more often than agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from cds_service.errors import RateLimited
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.caller import Caller
    from cds_service.security.registry import Client
    from cds_service.security.tokens import Verifier


def _limiter() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())


class Gate(Value, frozen=True, gc=True):
    """Lets registered clients in.

    The count of calls is kept in each worker process: the limit protects a process, it is no accounting.

    Attributes:
        verifier: Says who calls.
        limiter: Counts the calls of each client, all services together.
    """

    verifier: Verifier
    limiter: FixedWindowRateLimiter = msgspec.field(default_factory=_limiter)

    def prepare(self) -> None:
        """Fetch the keys of every client in the background, before the first calls have to wait for them."""
        clients = self.verifier.registry.clients.values()
        self.verifier.cache.prefetch({url for client in clients for url in client.entry.jku})

    def authenticate(
        self, authorization: str | None, service_id: str, *, is_feedback: bool = False
    ) -> Caller:
        """The verified caller.

        Raises:
            Unauthorized, StoreUnavailable: As the verifier says.
            RateLimited: Verified, but over its limit.
        """
        caller = self.verifier.verify(
            authorization, service_id, is_feedback=is_feedback, admit=self._check_rate
        )
        entry = self.verifier.registry.clients[caller.issuer].entry
        if not self.limiter.hit(RateLimitItemPerMinute(entry.requests_per_minute), entry.name):
            raise RateLimited
        return caller

    def _check_rate(self, client: Client) -> None:
        """A call that has to wait does not use its token up, nor does a replayed one count."""
        entry = client.entry
        if not self.limiter.test(RateLimitItemPerMinute(entry.requests_per_minute), entry.name):
            raise RateLimited
