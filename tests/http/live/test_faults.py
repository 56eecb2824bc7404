"""Clients that mean no good, or cannot help it: what they cost is bounded, and the others feel nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.http.live.conversation import Talk, Toy, toy_server, until
from tests.http.toy import Client

WORD = "x" * 50_000


@asynccontextmanager
async def deaf_client(client: Client, query: str) -> AsyncIterator[None]:
    """A stream of events whose client asks and then never reads; its window is small, so that it shows soon."""
    url = client._base_url
    assert url
    body = b'{"query": "%b"}' % query.encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nAccept: text/event-stream\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.setblocking(False)
        await asyncio.get_running_loop().sock_connect(deaf, (url.host, url.port))
        await asyncio.get_running_loop().sock_sendall(deaf, head.encode() + body)
        yield


def transport_of(talk: Talk) -> asyncio.Transport:
    assert talk.socket._conn
    assert talk.socket._conn.transport
    return talk.socket._conn.transport


def backlogs(toy: Toy) -> int:
    return sum(connection.outlet.backlog for connection in toy.live.connections._open)


async def test_a_client_that_never_reads_waits_alone_and_is_dropped() -> None:
    async with toy_server(send_seconds=1) as toy, deaf_client(toy.client, "subscription {flood}"):
        await until(lambda: backlogs(toy) > 0)
        most = 0
        while len(toy.live.connections):
            most = max(most, backlogs(toy))
            await asyncio.sleep(0.05)
        assert most < 1_000_000
        await until(lambda: toy.live.subscriptions.count == 0)


async def test_a_reader_that_is_too_slow_is_told_its_last_cursor_and_the_others_feel_nothing() -> None:
    async with toy_server(backlog_bytes=100_000, send_seconds=60) as toy:
        quick = await toy.begin()
        await quick.subscribe("a", "subscription {words {text}}")
        await quick.hear()
        slow = await toy.begin(max_msg_size=0)
        await slow.subscribe("a", "subscription {words {text}}")
        await slow.hear()
        transport_of(slow).pause_reading()
        written = 0
        while toy.live.subscriptions.count == 2:
            toy.board.write(WORD)
            written += 1
            assert (await quick.hear())["payload"]["data"]["words"]["text"] == WORD
            assert backlogs(toy) < 200_000 + 2 * len(WORD)
        transport_of(slow).resume_reading()
        heard = [await slow.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await slow.hear())
        [error] = heard[-1]["payload"]
        assert error["extensions"] == {"code": "SUBSCRIBER_TOO_SLOW", "cursor": str(len(heard) - 1)}
        assert len(heard) - 1 < written
        await slow.subscribe(
            "a", "subscription($after: Int) {words(after: $after) {text}}", variables={"after": len(heard) - 1}
        )
        assert (await slow.hear())["payload"]["data"]["words"]["text"] == WORD


async def test_a_client_that_floods_is_read_at_its_pace_and_the_others_feel_nothing() -> None:
    async with toy_server(messages=5) as toy:
        loud, quiet = await toy.begin(), await toy.begin()
        answered = 0

        async def count() -> None:
            nonlocal answered
            while await loud.hear():
                answered += 1

        counting = asyncio.create_task(count())
        for _ in range(2_000):
            await loud.say("ping")
        await quiet.subscribe("a", "{hello}")
        assert (await quiet.hear())["type"] == "next"
        counting.cancel()
        assert answered < 500  # a busy machine takes its seconds to send them


async def test_messages_are_read_again_when_the_second_is_over() -> None:
    async with toy_server(messages=2) as toy:
        talk = await toy.begin()
        for number in range(4):
            await talk.say("ping", payload={"number": number})
        assert [(await talk.hear())["payload"]["number"] for _ in range(4)] == [0, 1, 2, 3]


async def test_a_client_that_vanishes_in_the_midst_of_many_operations_leaves_nothing() -> None:
    async with toy_server() as toy:
        talk = await toy.begin()
        for number in range(50):
            await talk.subscribe(str(number), "subscription {words {text}}")
        await until(lambda: toy.live.subscriptions.count == 50)
        transport_of(talk).abort()
        await until(lambda: toy.live.subscriptions.count == 0 and toy.board.readers == 0)
        assert len(toy.live.connections) == 0
