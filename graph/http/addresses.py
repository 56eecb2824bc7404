"""Where a request comes from, when proxies that we trust stand between.

A proxy appends the address that it was called from. Whatever stands left of what our own proxies wrote may have been
made up by the caller, so the list is read from the right: the first address that is not a trusted proxy's is the
caller's. Only one header is read, the one that the proxies write: another would come through them unchanged.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
FORWARDED_FOR = "X-Forwarded-For"
IPV6_CALLER_BITS = 64

_FOR = re.compile(r'(?:^|;)\s*for=(?:"([^"]*)"|([^;"]*))', re.IGNORECASE)
_PORT = re.compile(r"\[([^\]]*)\](?::\d*)?|([\d.]+):\d*")


class Addresses:
    """The rules of one server. `header` is X-Forwarded-For or Forwarded (RFC 7239)."""

    def __init__(self, trusted: Iterable[str] = (), header: str = FORWARDED_FOR) -> None:
        self._trusted = tuple(ip_network(proxy, strict=False) for proxy in trusted)
        self._header = header

    def find(self, request: web.Request) -> str:
        """The caller's address; `unknown` when the connection has none."""
        remote = request.remote or ""
        if not self._trusted and not remote.startswith("::ffff:"):
            return remote or UNKNOWN
        address = read_address(remote)
        if address is not None and self._trusts(address):
            address = self._walk(address, request.headers.getall(self._header, []))
        return str(address) if address else UNKNOWN

    def find_caller(self, request: web.Request) -> str:
        """Who is behind that address, for counting: see `caller_of`."""
        return caller_of(self.find(request))

    def _walk(self, nearest: Address, values: list[str]) -> Address:
        """From the right to the first that is not trusted. What cannot be read ends the walk at who wrote it."""
        hops = [hop.strip() for value in values for hop in value.split(",")]
        for hop in reversed(hops):
            address = read_address(hop if self._header == FORWARDED_FOR else _read_for(hop))
            if address is None:
                return nearest
            nearest = address
            if not self._trusts(address):
                return nearest
        return nearest

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def read_address(text: str) -> Address | None:
    """An address, with or without port and brackets; IPv4 in IPv6 is IPv4. None when it is none."""
    if match := _PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def caller_of(address: str) -> str:
    """Who is behind an address: of IPv6, whoever has one has the whole /64."""
    read = read_address(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((read, IPV6_CALLER_BITS), strict=False))
    return address


def _read_for(hop: str) -> str:
    match = _FOR.search(hop)
    return (match[1] or match[2] or "").strip() if match else ""
