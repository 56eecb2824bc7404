"""One test for each code that `graphql-transport-ws` closes a socket with."""

import json
from contextlib import suppress
from typing import Any

import pytest

from tests.http.live.conversation import PROTOCOL, Toy, toy_server, until

QUERY = {"query": "{hello}"}


@pytest.mark.parametrize(
    "said",
    [
        "nothing that is JSON",
        "[]",
        "null",
        "{}",
        '{"type": "start", "id": "a", "payload": {"query": "{hello}"}}',
        '{"type": "connection_init", "payload": "text"}',
        '{"type": "ping", "payload": 1}',
        '{"type": "subscribe", "payload": {"query": "{hello}"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{hello}"}}',
        '{"type": "subscribe", "id": "a"}',
        '{"type": "subscribe", "id": "a", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{hello}", "variables": []}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": {"a": "\\ud800"}}',
        json.dumps({"type": "complete", "id": "a" * 256}),
        "[" * 100_000,
    ],
)
async def test_4400_for_anything_that_is_no_message(toy: Toy, said: str) -> None:
    talk = await toy.begin()
    await talk.socket.send_str(said)
    code, reason = await talk.hear_close()
    assert code == 4400
    assert reason


async def test_4400_for_bytes(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.socket.send_bytes(b'{"type": "ping"}')
    assert (await talk.hear_close())[0] == 4400


async def test_4401_for_an_operation_before_the_beginning(toy: Toy) -> None:
    talk = await toy.connect()
    await talk.say("subscribe", id="a", payload=QUERY)
    assert await talk.hear_close() == (4401, "Unauthorized")


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer wrong"},
        {"authorization": "bearer wrong"},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"Authorization": "Basic wrong"},
        {"Authorization": 1},
        {"X-Promptgraph-Actor": "line\nbreak"},
    ],
)
async def test_4403_for_credentials_that_are_not_good(toy: Toy, payload: dict[str, Any]) -> None:
    talk = await toy.connect()
    await talk.say("connection_init", payload=payload)
    code, reason = await talk.hear_close()
    assert code == 4403
    assert reason.startswith("Forbidden: ")


async def test_4403_for_a_key_in_the_handshake_that_is_not_good(toy: Toy) -> None:
    talk = await toy.connect(headers={"Authorization": "Bearer wrong"})
    await talk.say("connection_init")
    assert (await talk.hear_close())[0] == 4403


async def test_1013_while_nobody_can_be_known(toy: Toy) -> None:
    talk = await toy.connect()
    await talk.say("connection_init", payload={"Authorization": "Bearer later"})
    assert (await talk.hear_close())[0] == 1013


@pytest.mark.parametrize("protocols", [[], ["graphql-ws"], ["soap"]])
async def test_4406_for_any_other_sub_protocol_the_legacy_one_too(toy: Toy, protocols: list[str]) -> None:
    talk = await toy.connect(protocols=protocols)
    assert await talk.hear_close() == (4406, "Subprotocol not acceptable")


async def test_the_protocol_is_found_among_others(toy: Toy) -> None:
    talk = await toy.begin(protocols=["graphql-ws", PROTOCOL])
    assert talk.socket.protocol == PROTOCOL


async def test_4408_when_the_client_does_not_begin_in_time() -> None:
    async with toy_server(init_seconds=0) as toy:
        talk = await toy.connect()
        assert await talk.hear_close() == (4408, "Connection initialisation timeout")
        await until(lambda: len(toy.live.connections) == 0)


async def test_4409_for_an_id_that_is_taken(toy: Toy) -> None:
    talk = await toy.begin()
    for _ in range(2):
        await talk.subscribe("a", "subscription {silence}")
    assert await talk.hear_close() == (4409, "Subscriber for a already exists")


async def test_4429_for_a_second_beginning(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.say("connection_init")
    assert await talk.hear_close() == (4429, "Too many initialisation requests")


async def test_1009_for_a_message_of_ten_megabytes(toy: Toy) -> None:
    talk = await toy.begin()
    with suppress(ConnectionError):  # it may be closed before all of it was sent
        await talk.socket.send_str("x" * 10_000_000)
    code, _ = await talk.hear_close()
    assert code in (1009, 1006)  # 1006: the close was overtaken by the end of the connection
    await until(lambda: len(toy.live.connections) == 0)
