"""GraphQL over server-sent events, in distinct connections."""

import asyncio
import json
from contextlib import suppress

import pytest
from aiohttp import ClientPayloadError

from tests.http.live.conversation import Toy, toy_server, until
from tests.http.toy import Mutation

COMPLETE = {"event": "complete", "data": ""}
ACCEPT = {"Accept": "text/event-stream"}


async def test_a_subscription_tells_its_events_and_its_completion(toy: Toy) -> None:
    events = await toy.stream("subscription {ticks(count: 2)}")
    assert events.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert [await events.hear() for _ in range(3)] == [
        {"event": "next", "data": '{"data":{"ticks":1}}'},
        {"event": "next", "data": '{"data":{"ticks":2}}'},
        COMPLETE,
    ]
    assert await events.response.read() == b""


async def test_queries_and_mutations_are_streams_of_one_event(toy: Toy) -> None:
    events = await toy.stream("{hello}")
    assert [await events.hear() for _ in range(2)] == [
        {"event": "next", "data": '{"data":{"hello":"Hello you"}}'},
        COMPLETE,
    ]
    before = Mutation.runs
    events = await toy.stream("mutation {count}")
    assert json.loads((await events.hear())["data"]) == {"data": {"count": before + 1}}


async def test_a_mutation_is_let_finish_when_its_client_leaves() -> None:
    async with toy_server() as toy:
        before = Mutation.slow_runs
        events = await toy.stream("mutation {countSlowly}")
        await until(lambda: toy.board.waiting)
        events.response.close()
        await until(lambda: all(stream.outlet.is_gone for stream in toy.live.connections._open))
        await asyncio.sleep(1.1)  # one look after its client is gone
        toy.board.write("now")
        await until(lambda: Mutation.slow_runs == before + 1)
        await until(lambda: not len(toy.live.connections))


async def test_a_mutation_is_let_finish_when_the_server_stops() -> None:
    async with toy_server() as toy:
        events = await toy.stream("mutation {countSlowly}")
        await until(lambda: toy.board.waiting)
        goodbye = asyncio.create_task(toy.live.connections.say_goodbye(toy.app))
        await asyncio.sleep(0)
        toy.board.write("now")
        assert "countSlowly" in (await events.hear())["data"]
        await goodbye


async def test_a_get_streams_too_but_no_mutation(toy: Toy) -> None:
    async with toy.client.get("/graphql", params={"query": "subscription {ticks}"}, headers=ACCEPT) as response:
        assert (await response.text()).startswith("event: next\ndata: ")
    async with toy.client.get("/graphql", params={"query": "mutation {count}"}, headers=ACCEPT) as response:
        assert response.status == 405


async def test_the_id_of_an_event_is_its_place(toy: Toy) -> None:
    events = await toy.stream("subscription {words {text}}")
    first = await events.hear()
    toy.board.write("hello")
    second = await events.hear()
    assert int(second["id"]) == int(first["id"]) + 1
    assert json.loads(second["data"]) == {"data": {"words": {"text": "hello"}}}


@pytest.mark.parametrize(
    ("query", "code"), [("{hello", "GRAPHQL_PARSE_FAILED"), ("subscription {nothing}", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_what_cannot_be_run_is_told_in_the_stream(toy: Toy, query: str, code: str) -> None:
    events = await toy.stream(query)
    answer = json.loads((await events.hear())["data"])
    assert answer["errors"][0]["extensions"] == {"code": code}
    assert "data" not in answer
    assert await events.hear() == COMPLETE


async def test_what_is_no_request_is_refused_as_ever(toy: Toy) -> None:
    async with toy.client.post(
        "/graphql", data=b"{", headers=ACCEPT | {"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
        assert response.content_type == "application/json"


async def test_a_stream_that_is_refused_in_the_midst_ends_with_the_reason(toy: Toy) -> None:
    events = await toy.stream("subscription {refused}")
    await events.hear()
    answer = json.loads((await events.hear())["data"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await events.hear() == COMPLETE


async def test_a_subscription_is_streamed_to_whoever_takes_that_at_all(toy: Toy) -> None:
    accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
    async with toy.client.post("/graphql", json={"query": "{hello}"}, headers={"Accept": accept}) as response:
        assert response.content_type == "application/graphql-response+json"
    query = {"query": "subscription {ticks}"}
    async with toy.client.post("/graphql", json=query, headers={"Accept": accept}) as response:
        assert response.content_type == "text/event-stream"


async def test_a_subscription_elsewhere_is_told_where_to_go(toy: Toy) -> None:
    async with toy.client.post("/graphql", json={"query": "subscription {ticks}"}) as response:
        [error] = (await response.json())["errors"]
        assert error["extensions"] == {"code": "OPERATION_NOT_SUPPORTED"}
        assert "graphql-transport-ws" in error["message"]
        assert "text/event-stream" in error["message"]


async def test_comments_are_sent_while_there_is_nothing_to_tell() -> None:
    async with toy_server(heartbeat_seconds=0) as toy:
        events = await toy.stream("subscription {silence}")
        assert await events.hear() == {"": ""}


async def test_who_leaves_is_no_longer_told() -> None:
    async with toy_server() as toy:
        events = await toy.stream("subscription {words {text}}")
        await events.hear()
        events.response.close()
        await until(lambda: toy.board.readers == 0 and len(toy.live.connections) == 0)


async def test_the_end_of_the_server_ends_the_stream_without_its_completion() -> None:
    async with toy_server() as toy:
        events = await toy.stream("subscription {words {text}}")
        await events.hear()
        await toy.app.shutdown()
        with suppress(ClientPayloadError):  # cut off: as good a reason to connect again
            assert await events.response.read() == b""
        await until(lambda: toy.board.readers == 0)
