"""Server, database and partners are killed at random moments under eight writers: whoever comes back with its cursor
has been told of every event, in order, and of none twice.

A few kills by default; `scripts/test-long` sets PROMPTGRAPH_FEED_KILLS to the whole number.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import MakeServer
from tests.e2e.follower import ROADS, Told
from tests.e2e.server import Server, clean_environment, open_database
from tests.e2e.test_kills import add_up, find_all_faults, writing
from tests.store.mongod.conftest import kill, list_processes, wait_until

KILLS = int(os.environ.get("PROMPTGRAPH_FEED_KILLS", "4"))
VICTIMS = ("client", "server", "client", "mongod")
RECOVERY_SECONDS = 60.0
SETTINGS = {"PROMPTGRAPH_LOG_LEVEL": "warning"}
ROOT = Path(__file__).parents[2]
LOG = """query($after: String) { promptEventLog(first: 100, after: $after) {
  nodes { cursor kind promptId isInScope } pageInfo { hasNextPage endCursor } } }"""


class Follower:
    """A partner that follows by one road, as often as it is killed."""

    def __init__(self, road: str, place: Path) -> None:
        self.road = road
        self.starts = 0
        self._place = place
        self._process: Process | None = None
        place.mkdir()

    def lead(self, url: str) -> None:
        """Says where the server is."""
        (self._place / "new").write_text(url)
        (self._place / "new").replace(self._place / "url")

    async def start(self) -> None:
        words = ("-m", "tests.e2e.follower", self.road, str(self._place))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env=clean_environment({}) | {"no_proxy": "*"}
        )
        self.starts += 1

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def read(self) -> list[Told]:
        """All that it has acted on, and where it was in silence."""
        path = self._place / "seen"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def read_events(self) -> list[Told]:
        """Each event, without what only the road knows."""
        told = [one for one in self.read() if one.get("__typename") != "StreamCheckpoint"]
        return [{name: value for name, value in one.items() if name != "__typename"} for one in told]


@asynccontextmanager
async def following(server: Server, place: Path) -> AsyncIterator[list[Follower]]:
    """One for each road, all of them at the beginning of the feed."""
    followers = [Follower(road, place / road) for road in ROADS]
    try:
        for follower in followers:
            follower.lead(server.url)
            await follower.start()
        await wait_until(lambda: all(follower.read() for follower in followers), RECOVERY_SECONDS)
        yield followers
    finally:
        for follower in followers:
            await follower.kill()


async def torment(server: Server, followers: Sequence[Follower], chance: random.Random) -> Counter[str]:
    """Kills, one at a time, whatever the others are doing just then. A client stays away until after the next kill."""
    killed: Counter[str] = Counter()
    away: Follower | None = None
    for number in range(KILLS):
        await asyncio.sleep(chance.uniform(0.1, 1.0))
        victim = VICTIMS[number % len(VICTIMS)]
        killed[victim] += 1
        if victim == "client":
            away = chance.choice(followers)
            assert away.is_running, f"{away.road} has ended by itself: {away.read()[-1:]}"
            await away.kill()
            continue
        if victim == "server":
            await server.kill()
            await server.start()
            for follower in followers:
                follower.lead(server.url)
        else:
            await wait_until(lambda: "mongod" in list_processes(server.data_dir), RECOVERY_SECONDS)
            kill(list_processes(server.data_dir).get("mongod", []))
        await asyncio.sleep(chance.uniform(0, 1.0))
        if away:
            await away.start()
            away = None
    if away:
        await away.start()
    return killed


async def read_log(server: Server) -> list[Told]:
    """All of it, once every event has its number."""
    async with asyncio.timeout(RECOVERY_SECONDS):
        while (await server.get("/readyz")).body.get("feed", {}).get("unnumbered") != 0:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    nodes: list[Told] = []
    page = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = await server.graphql(LOG, {"after": page["endCursor"]})
        nodes += answer.data["promptEventLog"]["nodes"]
        page = answer.data["promptEventLog"]["pageInfo"]
    return nodes


async def check_numbers(server: Server, told: int) -> None:
    """The log is gapless, and all of it was told."""
    async with open_database(server.data_dir) as database:
        events = await database.events.find({}, {"seq": 1, "prompt_id": 1}).sort("seq", 1).to_list()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert told == sum(isinstance(event.get("prompt_id"), str) for event in events)


@pytest.mark.timeout(150 + 20 * KILLS)
async def test_whoever_comes_back_with_its_cursor_is_told_everything_once_and_in_order(
    make_server: MakeServer, tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random()
    server = make_server(**SETTINGS)
    await server.start()
    async with following(server, tmp_path) as followers:
        async with writing(server, chance) as writers:
            killed = await torment(server, followers, chance)
        log = await read_log(server)
        await wait_until(lambda: all(len(one.read_events()) >= len(log) for one in followers), RECOVERY_SECONDS)
    for follower in followers:
        assert follower.read_events() == log, follower.road
    journals = [writer.journal for writer in writers]
    with capsys.disabled():
        starts = ", ".join(f"{follower.road} {follower.starts}" for follower in followers)
        figures = f"\n{dict(killed)} killed; {len(log)} events told; {add_up(journals)}; started: {starts}"
        pytestconfig.get_terminal_writer().line(figures)
    assert await server.stop() == 0
    await check_numbers(server, len(log))
    faults = await find_all_faults(server, journals)
    assert not faults, "\n".join(faults[:20])
