"""What gathering asks of a source beside prefetch, and what it gets: no HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_access.allow_list import AllowList
    from cds_service.fhir_access.classify import Classified
    from cds_service.fhir_access.grant import Grant
    from cds_service.fhir_access.templates import DataNeed


class Begun(Value, frozen=True):
    """A Bundle that was sent with a link to its next page.

    Attributes:
        need: The query it answers.
        classified: What was sent, as if it were whole.
        next_url: Of the next page, as written there.
    """

    need: DataNeed
    classified: Classified
    next_url: object


class Order(Value, frozen=True):
    """What is to be read for one hook call.

    Attributes:
        patient_id: Bare id.
        grant: What the client lets us read.
        needs: The queries whose keys were not sent.
        begun: What was sent with pages missing.
        servers: Servers the verified client may name; None where nobody is verified.
    """

    patient_id: str
    grant: Grant
    needs: tuple[DataNeed, ...]
    begun: tuple[Begun, ...] = ()
    servers: AllowList | None = None


class Fetched(Value, frozen=True):
    """What came of an order.

    Attributes:
        keys: By prefetch key; one that is not here was not tried.
        outcomes: How many queries ended how (``Outcome``, or why none was sent).
        server: Name of the server on the list, "" when it is not on it.
        milliseconds: From the first query to the last answer, or to the deadline.
    """

    keys: Mapping[str, Classified] = msgspec.field(default_factory=dict)
    outcomes: Mapping[str, int] = msgspec.field(default_factory=Counter)
    server: str = ""
    milliseconds: float = 0.0


Fetch = Callable[[Order], Fetched]
