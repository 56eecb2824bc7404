"""`graphql-transport-ws`, sentence by sentence; the codes have a module of their own."""

import asyncio
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from tests.http.live.conversation import Toy, toy_server, until
from tests.http.toy import Mutation


def next_of(name: str, data: Any) -> dict[str, Any]:
    return {"type": "next", "id": name, "payload": {"data": data}}


def codes(message: dict[str, Any]) -> list[str]:
    assert message["type"] == "error"
    return [error["extensions"]["code"] for error in message["payload"]]


async def test_a_subscription_tells_its_events_and_its_completion(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.subscribe("a", "subscription {ticks(count: 2)}")
    assert [await talk.hear() for _ in range(3)] == [
        next_of("a", {"ticks": 1}),
        next_of("a", {"ticks": 2}),
        {"type": "complete", "id": "a"},
    ]


async def test_queries_and_mutations_run_on_the_socket_too(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.subscribe("q", "query($name: String!) {hello(name: $name)}", variables={"name": "Ada"})
    assert await talk.hear() == next_of("q", {"hello": "Hello Ada"})
    assert await talk.hear() == {"type": "complete", "id": "q"}
    before = Mutation.runs
    await talk.subscribe("m", "mutation {count}")
    assert await talk.hear() == next_of("m", {"count": before + 1})


async def test_many_operations_share_a_socket_and_one_is_completed_alone(toy: Toy) -> None:
    talk = await toy.begin()
    for name in "abc":
        await talk.subscribe(name, "subscription {words {text}}")
        assert await talk.hear() == next_of(name, {"words": {"text": None}})
    await talk.say("complete", id="b")
    await until(lambda: toy.live.subscriptions.count == 2)
    toy.board.write("hello")
    assert [(await talk.hear())["id"] for _ in range(2)] == ["a", "c"]
    await talk.socket.close()
    await until(lambda: toy.live.subscriptions.count == 0 and toy.board.readers == 0)


async def test_an_id_is_free_again_when_its_operation_has_ended(toy: Toy) -> None:
    talk = await toy.begin()
    for _ in range(3):
        await talk.subscribe("a", "{hello}")
        assert await talk.hear() == next_of("a", {"hello": "Hello you"})
        assert await talk.hear() == {"type": "complete", "id": "a"}
    await talk.subscribe("a", "subscription {silence}")
    await talk.say("complete", id="a")
    await talk.subscribe("a", "{hello}")
    assert (await talk.hear())["type"] == "next"


async def test_what_is_completed_before_it_has_begun_never_begins() -> None:
    async with toy_server() as toy:
        talk = await toy.begin()
        for number in range(20):
            await talk.subscribe(str(number), "subscription {words {text}}")
            await talk.say("complete", id=str(number))
        await talk.say("ping")
        while (await talk.hear())["type"] != "pong":
            pass
        await until(lambda: toy.live.subscriptions.count == 0 and toy.board.readers == 0)
        await talk.socket.close()
        await until(lambda: len(toy.live.connections) == 0)


async def test_completing_what_does_not_run_is_nothing(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.say("complete", id="never was")
    await talk.say("ping")
    assert await talk.hear() == {"type": "pong"}


async def test_a_ping_is_answered_with_its_payload_before_and_after_the_beginning_and_a_pong_is_taken(toy: Toy) -> None:
    talk = await toy.connect()
    await talk.say("ping", payload={"at": 1})
    assert await talk.hear() == {"type": "pong", "payload": {"at": 1}}
    await talk.say("pong", payload={"any": "thing"})
    await talk.say("connection_init")
    assert await talk.hear() == {"type": "connection_ack"}
    await talk.say("ping")
    assert await talk.hear() == {"type": "pong"}


async def test_the_server_looks_whether_the_client_is_there() -> None:
    async with toy_server(heartbeat_seconds=1) as toy:
        talk = await toy.connect(autoping=False)
        frame = await talk.socket.receive(10)
        assert frame.type.name == "PING"
        await until(lambda: len(toy.live.connections) == 0)  # it was not answered


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{hello", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {ticks ticks2: ticks}", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) {hello(name: $n)}", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($n: Int!) {ticks(count: $n)}", "BAD_USER_INPUT"),
        ("query A {hello} query B {hello}", "OPERATION_RESOLUTION_FAILURE"),
        ("{" + " ".join(f"a{number}: hello" for number in range(1_000)) + "}", "TOO_MANY_ALIASES"),
    ],
)
async def test_what_cannot_be_run_is_an_error_of_its_operation_and_the_socket_goes_on(
    toy: Toy, query: str, code: str
) -> None:
    talk = await toy.begin()
    await talk.subscribe("a", query)
    message = await talk.hear()
    assert message["id"] == "a"
    assert set(codes(message)) == {code}
    await talk.subscribe("a", "{hello}")
    assert (await talk.hear())["type"] == "next"


async def test_a_stream_that_is_refused_in_the_midst_ends_with_the_reason(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.subscribe("a", "subscription {refused}")
    assert (await talk.hear())["type"] == "next"
    assert codes(await talk.hear()) == ["FORBIDDEN"]


async def test_a_stream_that_breaks_leaks_nothing(toy: Toy) -> None:
    talk = await toy.begin()
    await talk.subscribe("a", "subscription {broken}")
    assert (await talk.hear())["type"] == "next"
    message = await talk.hear()
    assert codes(message) == ["INTERNAL"]
    assert "hunter2" not in str(message)


async def test_operations_beyond_the_bound_of_a_socket_are_refused_alone() -> None:
    async with toy_server(operations=2) as toy:
        talk = await toy.begin()
        for name in "abc":
            await talk.subscribe(name, "subscription {silence}")
        message = await talk.hear()
        assert (message["id"], codes(message)) == ("c", ["TOO_MANY_OPERATIONS"])
        await talk.say("complete", id="a")
        await talk.subscribe("d", "{hello}")
        assert (await talk.hear())["id"] == "d"


async def test_subscriptions_beyond_the_bound_of_the_process_are_refused() -> None:
    async with toy_server(subscriptions=1) as toy:
        first, second = await toy.begin(), await toy.begin()
        await first.subscribe("a", "subscription {silence}")
        await until(lambda: toy.live.subscriptions.count == 1)
        await second.subscribe("a", "subscription {silence}")
        assert codes(await second.hear()) == ["TOO_MANY_SUBSCRIPTIONS"]
        await second.subscribe("q", "{hello}")
        assert (await second.hear())["type"] == "next"


async def test_connections_beyond_the_bound_of_the_process_are_refused_with_503() -> None:
    async with toy_server(connections=1) as toy:
        talk = await toy.begin()
        async with toy.client.get(
            "/graphql", params={"query": "{hello}"}, headers={"Accept": "text/event-stream"}
        ) as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "1"
            assert (await response.json())["errors"][0]["extensions"] == {"code": "TOO_MANY_CONNECTIONS"}
        await talk.socket.close()


async def test_one_address_has_so_many_sockets_without_a_key_and_who_is_known_is_not_counted() -> None:
    stranger = {"X-Promptgraph-Actor": "stranger"}
    async with toy_server(strangers=2) as toy:
        known = [await toy.begin() for _ in range(3)]
        unknown = [await toy.begin(headers=stranger), await toy.connect(headers=stranger)]
        with pytest.raises(WSServerHandshakeError) as refused:
            await toy.connect()
        assert refused.value.status == 429
        await unknown[0].socket.close()
        await unknown[1].say("connection_init")
        await unknown[1].hear()
        again = await toy.begin(headers=stranger)
        with pytest.raises(WSServerHandshakeError):
            await toy.connect()
        for talk in (*known, unknown[1], again):
            await talk.socket.close()
        await until(lambda: len(toy.live.connections) == 0)
        assert not toy.live.connections._strangers, "nobody who has gone is remembered"


async def test_the_end_of_the_server_closes_its_sockets_with_1001() -> None:
    async with toy_server() as toy:
        talk = await toy.begin()
        await talk.subscribe("a", "subscription {words {text}}")
        await talk.hear()
        closing = asyncio.create_task(talk.hear_close())
        await toy.app.shutdown()
        assert await closing == (1001, "The server stops. Connect again.")
        await until(lambda: toy.board.readers == 0)


async def test_a_foreign_page_may_not_open_a_socket(toy: Toy) -> None:
    headers = {
        "Origin": "https://evil.example",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Protocol": "graphql-transport-ws",
    }
    async with toy.client.get("/graphql", headers=headers) as response:
        assert response.status == 403
        assert (await response.json())["errors"][0]["extensions"] == {"code": "FOREIGN_ORIGIN"}
