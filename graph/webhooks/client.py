"""The HTTP client of webhooks: no proxy, no cookie, no redirect, and no socket that the gate has not let through."""

import asyncio
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from graph.domain.limits import WebhookLimits
from graph.webhooks.addresses import AddressGate

LOOKUPS = 4
HEADERS = {"User-Agent": "Promptgraph-Webhooks", "Accept-Encoding": "identity"}

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]


class OwnResolver(AbstractResolver):
    """The system's names, looked up in threads of its own: a partner's slow name server keeps nobody else waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, "webhook names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name, unchecked: the gate looks at each when a socket is made for it."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        return [_result(host, port, family, str(address[0])) for family, _, _, _, address in found]

    async def close(self) -> None:
        """Lets go of the threads without waiting for their last answers."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def open_client(
    gate: AddressGate, limits: WebhookLimits, resolver: AbstractResolver | None = None
) -> AsyncIterator[ClientSession]:
    """A client whose every connection has passed the gate; `resolver` is the system's when it is not given."""

    def make_socket(info: AddressInfo) -> socket.socket:
        # The one place that all ways of naming an address lead to, with the address that is connected to.
        family, kind, protocol, _, address = info
        gate.check(str(address[0]))
        return socket.socket(family, kind, protocol)

    names = resolver or OwnResolver()
    connector = TCPConnector(
        resolver=names, use_dns_cache=False, socket_factory=make_socket, limit=2 * limits.requests, keepalive_timeout=30
    )
    timeout = ClientTimeout(total=limits.attempt_seconds, sock_connect=limits.connect_seconds)
    try:
        async with ClientSession(
            connector=connector,
            timeout=timeout,
            headers=HEADERS,
            cookie_jar=DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=limits.answer_bytes,
        ) as session:
            yield session
    finally:
        await names.close()


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[AddressInfo]:
    return list(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))


def _result(host: str, port: int, family: int | socket.AddressFamily, address: str) -> ResolveResult:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=int(family), proto=0, flags=flags)
