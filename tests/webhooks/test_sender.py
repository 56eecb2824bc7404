"""Attempts on loopback, and what keeps them there: nothing here sends a packet anywhere else."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from graph.domain.limits import WebhookLimits
from graph.webhooks.addresses import AddressGate, read_networks
from graph.webhooks.client import open_client
from graph.webhooks.sender import Outcome, Sender
from tests.clock import awake_seconds
from tests.webhooks.receiver import Delivered, receiving, speaking

LIMITS = WebhookLimits(attempt_seconds=1.0, connect_seconds=0.5)
LOOPBACK = ("127.0.0.1/32",)
REFUSED = "The host's address is not one of the public internet, and no setting allows it."


class Names(AbstractResolver):
    """A name server whose answers change: one list of addresses after the other, the last for good."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=_family(one), proto=0, flags=socket.AI_NUMERICHOST)
            for one in now
        ]

    async def close(self) -> None:
        return None


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@asynccontextmanager
async def sending(
    allowed: Sequence[str] = LOOPBACK, limits: WebhookLimits = LIMITS, names: AbstractResolver | None = None
) -> AsyncIterator[Sender]:
    async with open_client(AddressGate(read_networks(allowed)), limits, names) as session:
        yield Sender(session)


async def post(sender: Sender, url: str) -> Outcome:
    return await sender.send(url, {"webhook-id": "msg_1"}, b"{}")


async def test_any_2xx_is_a_delivery_and_the_body_comes_as_it_was_signed() -> None:
    async with receiving() as receiver, sending() as sender:
        outcome = await sender.send(receiver.url, {"webhook-id": "msg_1"}, b'{"a": 1}')
    assert (outcome.is_delivered, outcome.status, outcome.error) == (True, 204, None)
    (delivered,) = receiver.received
    assert delivered.body == b'{"a": 1}'
    assert delivered.headers["content-type"] == "application/json"
    assert delivered.headers["webhook-id"] == "msg_1"
    assert "gzip" not in delivered.headers["accept-encoding"]


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_any_other_status_is_none(status: int) -> None:
    async with receiving() as receiver, sending() as sender:
        receiver.answer = lambda delivered: status
        outcome = await post(sender, receiver.url)
    assert (outcome.is_delivered, outcome.is_gone, outcome.status) == (False, False, status)
    assert outcome.error == f"The receiver answered with the status {status}."


async def test_a_receiver_may_ask_for_a_pause_and_say_that_it_is_gone() -> None:
    async with receiving() as receiver, sending() as sender:
        receiver.answer = lambda delivered: 410
        assert (await post(sender, receiver.url)).is_gone
        receiver.answer = lambda delivered: _asking(delivered, "7")
        assert (await post(sender, receiver.url)).pause_seconds == 7.0
        receiver.answer = lambda delivered: _asking(delivered, "99999999999")
        assert (await post(sender, receiver.url)).pause_seconds == 86_400.0


async def _asking(delivered: Delivered, seconds: str) -> web.StreamResponse:
    return web.Response(status=503, headers={"Retry-After": seconds})


HOSTS = ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "0"]


@pytest.mark.parametrize("host", HOSTS)
async def test_no_socket_is_made_for_loopback_however_it_is_written(host: str) -> None:
    async with receiving() as receiver, sending(allowed=()) as sender:
        outcome = await post(sender, f"http://{host}:{receiver.port}/hook")
    assert not outcome.is_delivered
    assert outcome.status is None
    assert receiver.received == []


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "100.64.0.1"]
)
async def test_a_name_that_leads_inside_is_refused_before_there_is_a_socket(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sending(allowed=(), names=Names([address])) as sender:
        monkeypatch.setattr(socket, "socket", None)
        assert (await post(sender, "https://partner.example/hook")).error == REFUSED


async def test_a_name_that_changes_its_meaning_is_looked_at_again_for_each_connection() -> None:
    async with receiving() as receiver, sending(names=Names(["127.0.0.1"], ["127.0.0.2"])) as sender:
        receiver.answer = lambda delivered: _closing(delivered)
        url = f"http://partner.example:{receiver.port}/hook"
        assert (await post(sender, url)).is_delivered
        assert (await post(sender, url)).error == REFUSED
    assert len(receiver.received) == 1


async def _closing(delivered: Delivered) -> web.StreamResponse:
    return web.Response(headers={"Connection": "close"})


async def test_of_several_addresses_only_those_allowed_are_connected_to() -> None:
    async with receiving() as receiver, sending(names=Names(["127.0.0.2", "127.0.0.1"])) as sender:
        assert (await post(sender, f"http://partner.example:{receiver.port}/hook")).is_delivered


async def test_a_redirect_is_not_followed_wherever_it_leads() -> None:
    async def redirect(delivered: Delivered) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": receiver.url})

    async with receiving() as receiver, sending() as sender:
        receiver.answer = redirect
        outcome = await post(sender, receiver.url)
    assert (outcome.status, outcome.is_delivered) == (307, False)
    assert "redirect" in str(outcome.error)
    assert len(receiver.received) == 1


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with receiving() as receiver, sending() as sender:
        assert (await post(sender, receiver.url)).is_delivered


async def test_a_host_that_never_answers_takes_no_longer_than_the_setting() -> None:
    async def say_nothing(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with speaking(say_nothing) as url, sending() as sender:
        started = awake_seconds()
        outcome = await post(sender, url)
    assert outcome.error == "The receiver did not answer in time."
    assert awake_seconds() - started < 10


async def test_a_host_that_answers_byte_by_byte_takes_no_longer_either() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with speaking(drip) as url, sending() as sender:
        started = awake_seconds()
        outcome = await post(sender, url)
    assert outcome.error == "The receiver did not answer in time."
    assert awake_seconds() - started < 10


async def test_an_answer_without_end_is_left_alone() -> None:
    written = 0

    async def pour(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
        while True:
            writer.write(bytes(65_536))
            await writer.drain()
            written += 65_536

    async with speaking(pour) as url, sending() as sender:
        assert (await post(sender, url)).is_delivered
        await asyncio.sleep(0.1)
    assert written < 32 * 1_048_576  # what the sockets' buffers hold, not what was offered


async def test_headers_without_end_and_what_is_no_http_are_failures() -> None:
    async def pour_headers(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"m" * 1_000 + b"\r\n")
            await writer.drain()

    async def babble(writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()

    for talk in (pour_headers, babble):
        async with speaking(talk) as url, sending() as sender:
            outcome = await post(sender, url)
        assert (outcome.status, outcome.is_delivered) == (None, False)
        assert outcome.error


async def test_nobody_listening_is_told_as_no_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with sending() as sender:
            outcome = await post(sender, f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert outcome.error == "No connection could be made."
