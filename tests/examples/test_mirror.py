"""The example partner: killed again and again while prompts change, it ends with what the registry has."""

import asyncio
import json
import os
import random
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from graph.app import DEPS
from graph.domain.errors import NotFoundError
from graph.domain.prompts import PromptByName, VersionByNumber
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt, delete_prompt, get_prompt
from search_sync.tasks import end_task, heed_cancellation
from tests.e2e.server import clean_environment
from tests.fixtures import caller, draft
from tests.http.live.conversation import until
from tests.http.live.test_product import Server, serve_product

MIRROR = Path(__file__).parents[2] / "examples" / "mirror.py"
KILLS = int(os.environ.get("PROMPTGRAPH_MIRROR_KILLS", "8"))
LONG = "support/" + "ü" * 200


@pytest.fixture
async def server(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with serve_product(mongodb_url, database_name, tmp_path / "server") as running:
        yield running


@asynccontextmanager
async def mirroring(server: Server, place: Path, key: str) -> AsyncIterator[Process]:
    """The mirror at work; it is killed at the end, as by `kill -9`."""
    words = (str(MIRROR), str(server.client._base_url).rstrip("/"), "support", str(place))
    environment = clean_environment({"PROMPTGRAPH_KEY": key, "no_proxy": "*"})
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=environment, stderr=DEVNULL)
    try:
        yield process
    finally:
        assert process.returncode is None, "it has ended by itself"
        process.kill()
        await process.wait()


def read_place(place: Path) -> dict[str, str]:
    """The digests of what the files hold, by the names that they tell."""
    told = [json.loads(path.read_text("utf-8")) for path in place.glob("*.json")]
    return {one["name"]: f"{one['version']} {one['labels']}" for one in told}


async def read_registry(server: Server) -> dict[str, str]:
    found = [p async for p in server.app[DEPS].store.database.collection("prompts").find()]
    return {
        p["name"]: f"{p['latest']} {sorted(one['name'] for one in p['labels'] if one['version'] == p['latest'])}"
        for p in found
        if p["name"].startswith("support/")
    }


async def change_something(deps: Deps, chance: random.Random) -> None:
    """A prompt comes, goes, or gets a label."""
    name = f"{chance.choice(('support', 'kitchen'))}/{chance.randrange(12)}"
    prompt = await get_prompt(deps, caller(), PromptByName(name))
    if prompt is None:
        await create_prompt(deps, caller(), draft(name))
    elif chance.random() < 0.4:
        await delete_prompt(deps, caller(), prompt.id, name)
    else:
        label = chance.choice(("staging", "canary"))
        await set_label(deps, caller(), prompt.id, label, VersionByNumber(1))


async def write_for_ever(deps: Deps, chance: random.Random) -> None:
    while True:
        heed_cancellation()
        try:
            await change_something(deps, chance)
        except NotFoundError:
            continue
        await asyncio.sleep(0.02)


async def catch_up(server: Server, place: Path) -> None:
    wanted = await read_registry(server)
    await until(lambda: read_place(place) == wanted)


async def forget_events(server: Server) -> None:
    """As when retention has removed all but the last."""
    store = server.app[DEPS].store
    while await store.feed.count_unnumbered():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)
    last = (await store.feed.span()).last
    await store.database.collection("sync_state").update_one({"_id": "feed"}, {"$set": {"first": last}})


@pytest.mark.timeout(60 + 3 * KILLS)
async def test_a_mirror_that_is_killed_again_and_again_ends_with_what_the_registry_has(
    server: Server, tmp_path: Path
) -> None:
    chance, place, key = random.Random(), tmp_path / "mirror", (await server.make_key())[1]
    writing = asyncio.create_task(write_for_ever(server.app[DEPS], chance))
    for _ in range(KILLS):
        async with mirroring(server, place, key):
            await asyncio.sleep(chance.uniform(0.1, 1))
        read_place(place)  # every file is whole
    async with mirroring(server, place, key):
        await until(lambda: (place / ".cursor").exists())
        assert not writing.done()
        await end_task(writing)
        await server.create(LONG)
        await catch_up(server, place)


async def test_a_mirror_that_was_away_for_too_long_copies_everything_anew(server: Server, tmp_path: Path) -> None:
    place, key = tmp_path / "mirror", (await server.make_key())[1]
    await server.create("support/a@1", "support/a", "support/b", "kitchen/c")
    async with mirroring(server, place, key):
        await catch_up(server, place)
        await until(lambda: (place / ".cursor").exists())
    held = (place / ".cursor").read_text()
    for name in ("support/a@1", "support/b"):
        prompt = await get_prompt(server.app[DEPS], caller(), PromptByName(name))
        assert prompt
        await delete_prompt(server.app[DEPS], caller(), prompt.id, name)
    await server.create("support/d")
    await forget_events(server)
    async with mirroring(server, place, key):
        await catch_up(server, place)
        await until(lambda: (place / ".cursor").exists() and (place / ".cursor").read_text() != held)
    assert set(read_place(place)) == {"support/a", "support/d"}
