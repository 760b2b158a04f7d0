"""How requests are received: whose bodies are kept, in memory and never on a disk, and how much of them.

waitress reads requests in one thread without blocking; what is kept here until a request is answered is all
the memory that callers nobody has verified yet can take.
"""

from __future__ import annotations

import re
import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver, FixedStreamReceiver
from waitress.utilities import BadRequest

from cds_service.config import MAX_BODIES_BYTES
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.config import Settings

# waitress copies what is left of its piece for every chunk: of a large piece in tiny chunks, far too often.
CHUNKED_PIECE_BYTES = 4 * 1024
# Of a chunk the line with its length, and all headers that follow the last one.
CHUNK_LINE_BYTES = 1024
TRAILER_BYTES = 16 * 1024
# Pieces below are joined as they come: an object for each would take many times their bytes.
SMALL_PIECE_BYTES = 4 * 1024
FORM_PATHS = re.compile(r"/+playground(/.*)?", re.DOTALL)
CLIENT_PATHS = re.compile(r"/+cds-services(/.*)?", re.DOTALL)


class Reception(Value, frozen=True, gc=True):
    """What is received, and how it is refused.

    Attributes:
        max_body_bytes: Largest body that is kept; of a larger one nothing is.
        max_bodies_bytes: Of all bodies together, from their arrival until they are answered.
        needs_token: Clients have to show a token: without one, no body is kept that is meant for clients.
        origins: Of browser clients that may read refusals.
        is_https: The public base URL is https.
        max_form_bytes: Largest form a chart is pasted into; 0 where there is no such page.
    """

    max_body_bytes: int
    max_bodies_bytes: int = MAX_BODIES_BYTES
    needs_token: bool = False
    origins: tuple[str, ...] = ()
    is_https: bool = False
    max_form_bytes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Reception:
        """As the settings say."""
        return cls(
            max_body_bytes=settings.max_body_bytes,
            max_bodies_bytes=settings.max_bodies_bytes,
            needs_token=settings.clients is not None,
            origins=settings.origins,
            is_https=settings.is_https,
            max_form_bytes=settings.max_form_bytes,
        )

    def limit_for(self, request: HTTPRequestParser) -> int:
        """Bytes that are kept of the body of a request whose header has been read.

        The application refuses a client without a token before it looks at the body, with the answer every
        client without a good token gets.
        """
        if self.needs_token and self.is_for_clients(request.path) and not _shows_token(request.headers):
            return 0
        is_form = FORM_PATHS.fullmatch(request.path) is not None
        return (is_form and self.max_form_bytes) or self.max_body_bytes

    def is_for_clients(self, path: str) -> bool:
        """Whether a path, as received, is one of the routes for clients."""
        return CLIENT_PATHS.fullmatch(path) is not None


def _shows_token(headers: dict[str, str]) -> bool:
    return headers.get("AUTHORIZATION", "").lower().startswith("bearer ")


class Bodies:
    """All bodies in memory, of all connections.

    When the next piece would be too much, the body that has been arriving longest is let go: what stalls
    makes room for what arrives, so that a few senders who never finish cannot keep the others out.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        # In the order in which they began to arrive.
        self._arriving: dict[MemoryBuffer, None] = {}
        # One thread receives, others release; letting go of a body releases it too.
        self._lock = threading.RLock()

    @property
    def held(self) -> int:
        """Bytes."""
        return self._held

    def has_room(self, buffer: MemoryBuffer, length: int) -> bool:
        """Whether the buffer may keep so many bytes more; lets others go for it."""
        with self._lock:
            self._arriving.setdefault(buffer)
            while self._held + length > self._limit:
                oldest = next(iter(self._arriving))
                oldest.close()
                if oldest is buffer:
                    return False
            self._held += length
            return True

    def arrived(self, buffer: MemoryBuffer) -> None:
        """It is whole, and kept until it is answered."""
        with self._lock:
            self._arriving.pop(buffer, None)

    def release(self, buffer: MemoryBuffer, length: int) -> None:
        """The buffer keeps none of its bytes any more."""
        with self._lock:
            self._arriving.pop(buffer, None)
            self._held -= length


class MemoryBuffer:
    """A request body in memory, kept up to a limit; what comes after is counted and dropped."""

    def __init__(self, limit: int, bodies: Bodies) -> None:
        self.is_closed = False
        self._limit = limit
        self._bodies = bodies
        self._parts: list[bytes | bytearray] = []
        self._length = 0
        self._held = 0

    def append(self, data: bytes) -> None:
        """Take what was received."""
        self._length += len(data)
        if self._length > self._limit:
            self._forget()
        elif not self.is_closed and self._bodies.has_room(self, len(data)):
            self._held += len(data)
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        if len(data) >= SMALL_PIECE_BYTES:
            self._parts.append(data)
        elif self._parts and isinstance(self._parts[-1], bytearray):
            self._parts[-1] += data
        else:
            self._parts.append(bytearray(data))

    def __len__(self) -> int:
        return self._length

    def getfile(self) -> BytesIO:
        """The body as a file; empty when it was over the limit."""
        whole = b"".join(self._parts)
        self._parts = [whole]
        return BytesIO(whole)

    def close(self) -> None:
        """Forget the body, and what still comes of it."""
        self.is_closed = True
        self._forget()

    def _forget(self) -> None:
        self._parts.clear()
        held, self._held = self._held, 0
        self._bodies.release(self, held)


class PiecewiseReceiver(ChunkedReceiver):
    """Reads a chunked body a small piece at a time."""

    def received(self, s: bytes) -> int:
        """Take what was received; how much of it belongs to this body."""
        taken = 0
        while taken < len(s) and not self.completed:
            taken += super().received(s[taken : taken + CHUNKED_PIECE_BYTES])
            # waitress keeps and copies such a line without end.
            if len(self.control_line) > CHUNK_LINE_BYTES or len(self.trailer) > TRAILER_BYTES:
                self.error = BadRequest("endless chunk line or trailer")
            if self.error:
                # Where the next request begins nobody knows.
                return len(s)
        return taken


class Parser(HTTPRequestParser):
    """Reads bodies into a MemoryBuffer."""

    def __init__(self, adj: Any, reception: Reception, bodies: Bodies) -> None:
        super().__init__(adj)
        self._reception = reception
        self._bodies = bodies
        self._buffer: MemoryBuffer | None = None

    def parse_header(self, header_plus: bytes) -> None:
        """Swap waitress's buffer, which overflows into a temporary file.

        Raises:
            ParsingError: The end of the body is given in two ways, which a proxy could read differently.
        """
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")
        if not self.chunked and not self.content_length:
            return
        self._buffer = MemoryBuffer(self._reception.limit_for(self), self._bodies)
        if self.chunked:
            self.body_rcv = PiecewiseReceiver(self._buffer)
        else:
            self.body_rcv = FixedStreamReceiver(self.content_length, self._buffer)

    @property
    def was_let_go(self) -> bool:
        """Whether there was no room for its body."""
        return self._buffer is not None and self._buffer.is_closed

    def keep(self) -> None:
        """It has arrived, and keeps its place until it is answered."""
        if self._buffer is not None:
            self._bodies.arrived(self._buffer)
