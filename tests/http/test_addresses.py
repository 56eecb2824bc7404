import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request
from multidict import CIMultiDict

from graph.http.addresses import Addresses, caller_of

PROXIES = ("10.0.0.0/8", "2001:db8::/32")


def request(remote: str | None, *headers: tuple[str, str]) -> Request:
    made = make_mocked_request("GET", "/", headers=CIMultiDict(headers))
    return made.clone(remote=remote) if remote is not None else made.clone(remote="")


X_FORWARDED_FOR = {
    "one hop": ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    "the right-most that is not ours wins": ("10.0.0.1", ["1.1.1.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
    "several headers are one list": ("10.0.0.1", ["1.1.1.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
    "what a stranger sends is not read": ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),
    "all of them ours: the left-most": ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    "no header": ("10.0.0.1", [], "10.0.0.1"),
    "an empty one": ("10.0.0.1", [""], "10.0.0.1"),
    "nonsense ends the walk": ("10.0.0.1", ["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.2"),
    "with ports": ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
    "IPv6 with port": ("2001:db8::1", ["[2001:db9::7]:4711"], "2001:db9::7"),
    "IPv6": ("10.0.0.1", ["2001:db9::7"], "2001:db9::7"),
    "IPv4 in IPv6": ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
    "a connection without an address": ("", ["203.0.113.9"], "unknown"),
}


@pytest.mark.parametrize(("remote", "values", "found"), X_FORWARDED_FOR.values(), ids=X_FORWARDED_FOR)
def test_the_caller_is_who_our_own_proxies_say(remote: str, values: list[str], found: str) -> None:
    headers = [("X-Forwarded-For", value) for value in values]
    assert Addresses(PROXIES).find(request(remote, *headers)) == found


FORWARDED = {
    "plain": ("for=203.0.113.9;proto=https", "203.0.113.9"),
    "quoted, with port": ('For="203.0.113.9:80"', "203.0.113.9"),
    "IPv6": ('proto=https;for="[2001:db9::7]:4711"', "2001:db9::7"),
    "a chain": ("for=1.1.1.1, for=203.0.113.9, for=10.0.0.2", "203.0.113.9"),
    "hidden": ("for=1.1.1.1, for=_hidden", "10.0.0.1"),
    "unknown": ("for=unknown", "10.0.0.1"),
    "of something else": ("by=203.0.113.9", "10.0.0.1"),
}


@pytest.mark.parametrize(("value", "found"), FORWARDED.values(), ids=FORWARDED)
def test_forwarded_is_read_where_the_proxies_write_it(value: str, found: str) -> None:
    headers = (("Forwarded", value), ("X-Forwarded-For", "9.9.9.9"))
    assert Addresses(PROXIES, "Forwarded").find(request("10.0.0.1", *headers)) == found


def test_the_header_that_the_proxies_do_not_write_is_not_read() -> None:
    assert Addresses(PROXIES).find(request("10.0.0.1", ("Forwarded", "for=9.9.9.9"))) == "10.0.0.1"


def test_without_trusted_proxies_no_header_is_read() -> None:
    assert Addresses().find(request("10.0.0.1", ("X-Forwarded-For", "9.9.9.9"))) == "10.0.0.1"


def test_who_has_an_ipv6_address_has_all_of_its_network() -> None:
    assert caller_of("2001:db9:0:1::7") == caller_of("2001:db9:0:1:ffff::") != caller_of("2001:db9:0:2::7")
    assert caller_of("203.0.113.9") != caller_of("203.0.113.10")
    assert caller_of("unknown") == "unknown"
