"""Subscribers that cost little: each is a socket that looks for what it waits for in the bytes that come."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlsplit

MARK = re.compile(rb'"bench-(\d+)"')
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
PING = b"\x89\x00"
PONG = b"\x8a\x80\0\0\0\0"
ACK = b"connection_ack"
READY = b'"id":"1"'


class Arrivals:
    """When each change came to each subscriber, by the number in its name."""

    def __init__(self) -> None:
        self.times: defaultdict[int, list[float]] = defaultdict(list)
        self.count = 0

    def note(self, number: int) -> None:
        """It came now."""
        self.times[number].append(time.perf_counter())
        self.count += 1


class Reader(asyncio.Protocol):
    """One subscriber, or with no `query` one who only listens."""

    def __init__(self, path: str, host: str, port: int, query: str | None, arrivals: Arrivals) -> None:
        self._opening = HANDSHAKE.format(path=path, host=host, port=port).encode()
        self._query = query
        self._arrivals = arrivals
        self._rest = b""
        self._hear: Callable[[], None] = self._hear_handshake
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shakes hands."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._opening)

    def data_received(self, data: bytes) -> None:
        """Notes what came."""
        if PING in data:
            data = data.replace(PING, b"")
            self.transport.write(PONG)
        self._rest += data
        self._hear()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fails who waits for it to be ready."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError("the server has closed the socket"))

    def _hear_handshake(self) -> None:
        if b"\r\n\r\n" in self._rest:
            self._rest = b""
            if self._query is None:
                self._begin()
                return
            self._say({"type": "connection_init"})
            self._hear = self._hear_ack

    def _hear_ack(self) -> None:
        if ACK in self._rest:
            self._rest = b""
            self._say({"type": "subscribe", "id": "1", "payload": {"query": self._query}})
            self._hear = self._hear_start

    def _hear_start(self) -> None:
        if READY in self._rest:
            self._begin()

    def _begin(self) -> None:
        self._rest = b""
        self._hear = self._hear_changes
        self.ready.set_result(None)

    def _hear_changes(self) -> None:
        end = 0
        for match in MARK.finditer(self._rest):
            self._arrivals.note(int(match[1]))
            end = match.end()
        self._rest = self._rest[end:][-40:]

    def _say(self, message: object) -> None:
        """A text frame, masked with zeros."""
        text = json.dumps(message).encode()
        length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        self.transport.write(b"\x81" + length + b"\0\0\0\0" + text)


async def open_readers(
    url: str, path: str, count: int, query: Callable[[int], str | None], arrivals: Arrivals
) -> list[Reader]:
    """So many of them, subscribed."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    readers: list[Reader] = []
    for number in range(count):
        make = lambda number=number: Reader(path, host, port, query(number), arrivals)  # noqa: E731
        _, reader = await asyncio.get_running_loop().create_connection(make, host, port)
        readers.append(reader)
        if number % 50 == 49:
            await asyncio.gather(*(reader.ready for reader in readers))
    await asyncio.gather(*(reader.ready for reader in readers))
    return readers
