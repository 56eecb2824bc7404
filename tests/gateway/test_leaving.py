"""Who leaves ends the call of the model, on every face; what writes is let finish."""

import asyncio
from typing import Any

import pytest

from graph.domain.prompts import PromptByName, VersionRef
from graph.domain.runs import Outcome
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt, get_prompt
from tests.fixtures import draft
from tests.gateway.conftest import Gate
from tests.gateway.test_usage import usage_of

RUN = "mutation($input: PromptRunInput!) { promptRun(input: $input) { run { text } errors { __typename } } }"


def asking(name: str) -> dict[str, Any]:
    """A run of a model whose answer never comes."""
    source = {"saved": {"prompt": {"name": name}}}
    return {"query": RUN, "variables": {"input": {"source": source, "modelSettings": {"model": "drips"}}}}


async def leave_plain(gate: Gate, body: dict[str, Any]) -> None:
    task = asyncio.create_task(gate.session.post("/graphql", json=body))
    await asyncio.wait_for(gate.provider.is_asked.wait(), 15)
    task.cancel()


async def leave_events(gate: Gate, body: dict[str, Any]) -> None:
    async with gate.session.post("/graphql", json=body, headers={"Accept": "text/event-stream"}) as response:
        await asyncio.wait_for(gate.provider.is_asked.wait(), 15)
        response.close()


async def complete_on_socket(gate: Gate, body: dict[str, Any]) -> None:
    """The operation alone is completed: the socket stays until the provider has seen it."""
    async with gate.session.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init"})
        assert (await socket.receive_json())["type"] == "connection_ack"
        await socket.send_json({"type": "subscribe", "id": "a", "payload": body})
        await asyncio.wait_for(gate.provider.is_asked.wait(), 15)
        await socket.send_json({"type": "complete", "id": "a"})
        await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)


async def leave_socket(gate: Gate, body: dict[str, Any]) -> None:
    async with gate.session.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.send_json({"type": "subscribe", "id": "a", "payload": body})
        await asyncio.wait_for(gate.provider.is_asked.wait(), 15)


@pytest.mark.parametrize("leave", [leave_plain, leave_events, complete_on_socket, leave_socket])
async def test_who_leaves_ends_a_run_over_graphql(gate: Gate, name: str, leave: Any) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    await leave(gate, asking(name))
    await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)
    told = await usage_of(gate, VersionRef(prompt.id, 1))
    assert told.outcomes == {Outcome.CANCELLED: 1}


@pytest.mark.parametrize("leave", [leave_plain, leave_events, leave_socket])
async def test_what_else_the_document_writes_is_written(gate: Gate, name: str, leave: Any) -> None:
    await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    body = asking(name)
    other = f'{{name: "{name}/2", template: {{text: "Hello"}}}}'
    body["query"] = body["query"].removesuffix("}") + f"promptCreate(input: {other}) {{ errors {{ __typename }} }} }}"
    await leave(gate, body)
    async with asyncio.timeout(15):
        while await get_prompt(gate.deps, LOCAL_ACCESS, PromptByName(f"{name}/2")) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_who_leaves_the_gateway_ends_the_call(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    body = {"model": "drips", "prompt_id": name}
    task = asyncio.create_task(gate.session.post("/v1/chat/completions", json=body))
    await asyncio.wait_for(gate.provider.is_asked.wait(), 15)
    task.cancel()
    await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)
    told = await usage_of(gate, VersionRef(prompt.id, 1))
    assert told.outcomes == {Outcome.CANCELLED: 1}
