"""Deliveries by real servers, whatever is killed: nothing is lost, and what comes twice has the same id."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from tests.e2e.conftest import MakeServer
from tests.e2e.server import Server
from tests.webhooks.receiver import Receiver, receiving

KILLS = int(os.environ.get("PROMPTGRAPH_WEBHOOK_KILLS", "1"))
VERSIONS = 5
IN_ORDER = list(range(1, VERSIONS + 1))
PATIENCE_SECONDS = 60.0
SETTINGS = {
    "PROMPTGRAPH_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32",
    "PROMPTGRAPH_WEBHOOK_ALLOW_HTTP": "true",
    "PROMPTGRAPH_WEBHOOK_LIMITS__LEASE_SECONDS": "1.5",
    "PROMPTGRAPH_SYNC_LEASE_SECONDS": "1.5",
    "PROMPTGRAPH_WEBHOOK_LIMITS__FIRST_PAUSE_SECONDS": "0.1",
    "PROMPTGRAPH_WEBHOOK_LIMITS__LONGEST_PAUSE_SECONDS": "0.5",
}
HOOK = """mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) {
  webhook { id } secret errors { __typename } } }"""
CREATE = "mutation($input: PromptCreateInput!) { promptCreate(input: $input) { prompt { id } errors { __typename } } }"
FIND = "query($name: String!) { prompt(by: { name: $name }) { id } }"
APPEND = """mutation($input: PromptVersionCreateInput!) { promptVersionCreate(input: $input) {
  version { number } errors { __typename } } }"""


async def change(server: Server, query: str, **input: Any) -> dict[str, Any]:
    """The payload."""
    (payload,) = (await ask(server, query, {"input": input})).values()
    return dict(payload)


async def ask(server: Server, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The data; tried again while the database is away."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await server.graphql(query, variables)
            if "errors" not in answer.body:
                return answer.data
            await asyncio.sleep(0.1)


async def grow(server: Server, name: str) -> str:
    """A prompt with versions; its id."""
    await change(server, CREATE, name=name, template={"text": "1"})  # a second try finds the name taken, by the first
    prompt_id = str((await ask(server, FIND, {"name": name}))["prompt"]["id"])
    for number in range(2, VERSIONS + 1):
        await change(server, APPEND, promptId=prompt_id, expectedLatest=number - 1, template={"text": str(number)})
    return prompt_id


def first_seen(receiver: Receiver, prompt_id: str) -> list[int]:
    """The versions of a prompt in the order in which they were taken first."""
    seen: dict[int, None] = {}
    for delivered in receiver.received:
        data = delivered.json["data"]
        if data["promptId"] == prompt_id and receiver.answer(delivered) == 204:
            seen.setdefault(data.get("version", 1))
    return list(seen)


@pytest.mark.timeout(120 + 30 * KILLS)
async def test_whatever_is_killed_every_event_comes_in_order(make_server: MakeServer) -> None:
    async with receiving() as receiver:
        victim, other = make_server(**SETTINGS), make_server(**SETTINGS)
        await victim.start()
        made = await change(victim, HOOK, url=receiver.url)
        await other.start()
        prompts: list[str] = []
        for number in range(KILLS):
            if not victim.is_running:
                await victim.start()
            prompts += await grow_while(victim.kill, other, receiver, f"server {number}")
            victim, other = (other, victim) if number + 1 < KILLS else (victim, other)
            if not other.is_running:
                await other.start()
        prompts += await grow_while(lambda: kill_database(other), other, receiver, "database")
        await until_told(receiver, VERSIONS * len(prompts))
        told = (await other.get("/readyz")).body["webhooks"]
    assert {prompt: first_seen(receiver, prompt) for prompt in prompts} == dict.fromkeys(prompts, IN_ORDER)
    assert told["deliverer"] == "working"
    ids = {delivered.headers["webhook-id"]: delivered.json["data"]["cursor"] for delivered in receiver.received}
    assert len(ids) == len(set(ids.values())) == VERSIONS * len(prompts)
    for delivered in receiver.received[-20:]:
        Verifier(made["secret"]).verify(delivered.body, delivered.headers)


async def grow_while(
    kill: Callable[[], Awaitable[None]], server: Server, receiver: Receiver, name: str
) -> tuple[str, str]:
    """Two prompts that grow at once while something dies in the midst of it."""
    before = len(receiver.received)
    growing = asyncio.gather(grow(server, f"{name}/a"), grow(server, f"{name}/b"))
    await receiver.wait_for(before + random.randint(1, 4), PATIENCE_SECONDS)
    await kill()
    return await growing


async def kill_database(server: Server) -> None:
    os.kill(server.find("mongod"), signal.SIGKILL)


async def until_told(receiver: Receiver, count: int) -> None:
    """Returns when so many messages have come, repeated ones once."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len({delivered.headers["webhook-id"] for delivered in receiver.received}) < count:
            await receiver.wait_for(len(receiver.received) + 1, PATIENCE_SECONDS)
