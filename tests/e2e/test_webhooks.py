"""Deliveries by real servers, whatever is killed: nothing is lost, and what comes twice has the same id."""

import asyncio
import os
import signal
from typing import Any

from standardwebhooks import Webhook as Verifier

from tests.e2e.conftest import MakeServer
from tests.e2e.server import Server
from tests.webhooks.receiver import Receiver, receiving

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
APPEND = """mutation($input: PromptVersionCreateInput!) { promptVersionCreate(input: $input) {
  version { number } errors { __typename } } }"""


async def change(server: Server, query: str, **input: Any) -> dict[str, Any]:
    """The payload, tried again while the database is away."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await server.graphql(query, {"input": input})
            if "errors" not in answer.body:
                (payload,) = answer.data.values()
                return dict(payload)
            await asyncio.sleep(0.1)


async def grow(server: Server, name: str, versions: int = 3) -> str:
    """A prompt with versions; its id."""
    made = await change(server, CREATE, name=name, template={"text": "1"})
    prompt_id = str(made["prompt"]["id"])
    for number in range(2, versions + 1):
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


async def test_whatever_is_killed_every_event_comes_in_order(make_server: MakeServer) -> None:
    async with receiving() as receiver:
        first, second = make_server(**SETTINGS), make_server(**SETTINGS)
        await first.start()
        made = await change(first, HOOK, url=receiver.url)
        prompts = [await grow(first, "before")]
        await receiver.wait_for(3, PATIENCE_SECONDS)
        await second.start()

        growing = asyncio.create_task(grow(second, "during the first's death", 10))
        await receiver.wait_for(5, PATIENCE_SECONDS)
        await first.kill()
        prompts.append(await growing)
        await receiver.wait_for(13, PATIENCE_SECONDS)

        os.kill(second.find("mongod"), signal.SIGKILL)
        prompts.append(await grow(second, "after the database's death"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len({delivered.headers["webhook-id"] for delivered in receiver.received}) < 16:
                await receiver.wait_for(len(receiver.received) + 1, PATIENCE_SECONDS)
        told = (await second.get("/readyz")).body["webhooks"]
    assert [first_seen(receiver, prompt) for prompt in prompts] == [[1, 2, 3], list(range(1, 11)), [1, 2, 3]]
    assert told["deliverer"] == "working"
    ids = {delivered.headers["webhook-id"]: delivered.json["data"]["cursor"] for delivered in receiver.received}
    assert len(ids) == len(set(ids.values())) == 16
    for delivered in receiver.received:
        Verifier(made["secret"]).verify(delivered.body, delivered.headers)
