"""Where no request goes, in every way that an address can be written."""

import pytest

from graph.webhooks.addresses import AddressGate, AddressRefusedError, read_literal, read_networks

CLOSED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "2001:db8::1", "3fff::1", "2001::1", "2001:0:7f00:1::", "100::1", "5f00::1", "4000::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1",
    "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1",
    "no address", "",
]  # fmt: skip
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressGate().check(address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_passes(address: str) -> None:
    AddressGate().check(address)


def test_an_allowed_network_passes_and_its_neighbours_do_not() -> None:
    gate = AddressGate(read_networks(("10.1.0.0/16", "::1")))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "::1"):
        gate.check(address)
    for address in ("10.2.0.1", "127.0.0.1", "::2"):
        with pytest.raises(AddressRefusedError):
            gate.check(address)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "[::1]", "[::ffff:7f00:1]"]
)
def test_numbers_are_addresses_however_they_are_written(host: str) -> None:
    assert read_literal(host) is not None
    with pytest.raises(AddressRefusedError):
        AddressGate().check_url(f"https://{host}:8443/hook")


@pytest.mark.parametrize("host", ["example.com", "localhost", "7f.example", "1.2.3.4.5"])
def test_a_name_passes_until_it_is_looked_up(host: str) -> None:
    AddressGate().check_url(f"https://{host}:8443/hook")
