"""Where no request goes: everything that is not the public internet, in whatever way its address is written.

What decides is the address that a socket is about to be connected to, so names, redirects and names that change
their meaning are all the same. Networks by IANA's special-purpose registries (RFC 6890).
"""

import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What `is_global` of Python's `ipaddress` lets through, or some of its versions do.
CLOSED_V4 = tuple(map(IPv4Network, ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3")))
OPEN_V6 = IPv6Network("2000::/3")
CLOSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
NAT64 = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = IPv6Network("2002::/16")
ISATAP = (0x00005EFE, 0x02005EFE)


class AddressRefusedError(OSError):
    """The address is none that webhooks may go to. It is not told: who asks may not know what a name means here."""

    def __init__(self) -> None:
        super().__init__("The address is not one of the public internet.")


class AddressGate:
    """Lets public addresses through, and those of `allowed` networks."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def check(self, text: str) -> None:
        """Raises AddressRefusedError for an address that may not be connected to, and for what is none."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            raise AddressRefusedError from None
        if not self._is_allowed(address) and not is_public(address):
            raise AddressRefusedError

    def check_url(self, url: str) -> None:
        """The same for a URL's host where it is an address, in any way that a system may read; names pass for now."""
        if (address := read_literal(urlsplit(url).hostname or "")) is not None:
            self.check(str(address))

    def _is_allowed(self, address: Address) -> bool:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return any((mapped or address) in network for network in self._allowed)


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks as a setting writes them: `10.1.0.0/16`, `::1`. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)


def is_public(address: Address) -> bool:
    """Whether the address, and every IPv4 address that it carries, is of the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in CLOSED_V4)
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    is_open = address in NAT64 or (address in OPEN_V6 and not any(address in network for network in CLOSED_V6))
    return is_open and all(map(is_public, _carried(address)))


def read_literal(host: str) -> Address | None:
    """The address that a host is, also as `2130706433` or `0x7f.1`; None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """IPv4 addresses that a gateway on the way may take out of this one."""
    number = int(address)
    if address in NAT64:
        yield IPv4Address(number & 0xFFFFFFFF)
    if address in SIX_TO_FOUR:
        yield IPv4Address((number >> 80) & 0xFFFFFFFF)
    if (number >> 32) & 0xFFFFFFFF in ISATAP:
        yield IPv4Address(number & 0xFFFFFFFF)
