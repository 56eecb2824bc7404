"""`kill -9` of the server, then of its database, at random moments under eight writers: nothing acknowledged is lost.

A few kills by default; `scripts/test-long` sets PROMPTGRAPH_KILLS to the whole number, such as `50,20`.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.e2e.conftest import MakeServer
from tests.e2e.invariants import find_faults, read_records
from tests.e2e.journal import Journal, compare_journal
from tests.e2e.server import Server, open_database
from tests.e2e.writers import Target, Writer
from tests.store.mongod.conftest import kill, list_processes, wait_until

SERVER_KILLS, MONGOD_KILLS = (int(number) for number in os.environ.get("PROMPTGRAPH_KILLS", "4,3").split(","))
WRITERS = 8
SECONDS_A_KILL = 20
RECOVERY_SECONDS = 30.0
# So few versions stay in a prompt that histories run over into the archives all the time.
SETTINGS = {"PROMPTGRAPH_LIMITS__EMBEDDED_VERSIONS": "6", "PROMPTGRAPH_LOG_LEVEL": "warning"}


@asynccontextmanager
async def writing(server: Server, chance: random.Random) -> AsyncIterator[list[Writer]]:
    """Eight writers at work."""
    pool: list[Target] = []
    writers = [Writer(number, server, pool, chance) for number in range(WRITERS)]
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(writer.run())
        try:
            yield writers
        finally:
            for writer in writers:
                writer.is_done = True


async def wait_for_progress(writers: Sequence[Writer]) -> None:
    """Returns when every writer has been told of a further success."""
    before = [writer.journal.acknowledged for writer in writers]
    await wait_until(
        lambda: all(writer.journal.acknowledged > count for writer, count in zip(writers, before, strict=True)),
        RECOVERY_SECONDS,
    )


async def kill_servers(server: Server, writers: Sequence[Writer], chance: random.Random) -> None:
    """The next start meets the database at any moment of its own end."""
    for _ in range(SERVER_KILLS):
        await asyncio.sleep(chance.uniform(0, 1.5))
        await server.kill()
        await asyncio.sleep(chance.uniform(0, 1.5))
        await server.start()
    await wait_for_progress(writers)


async def kill_mongods(server: Server, writers: Sequence[Writer], chance: random.Random) -> None:
    """The server goes on by itself; now and then the next kill meets the database while it recovers."""
    pid = server.pid
    for _ in range(MONGOD_KILLS):
        await asyncio.sleep(chance.uniform(0, 1))
        await wait_until(lambda: "mongod" in list_processes(server.data_dir))
        kill(list_processes(server.data_dir).get("mongod", []))
        if chance.random() < 0.75:
            await wait_for_progress(writers)
    await wait_for_progress(writers)
    assert server.is_running
    assert server.pid == pid


async def find_all_faults(server: Server, journals: Sequence[Journal]) -> list[str]:
    """Where the database contradicts itself, or what the writers were told."""
    async with open_database(server.data_dir) as database:
        records = await read_records(database)
        actors = {actor["_id"]: actor["handle"] async for actor in database.actors.find()}
    faults = find_faults(records)
    for journal in journals:
        faults += compare_journal(journal, records, actors)
    return faults


def add_up(journals: Sequence[Journal]) -> str:
    """How often the writers were told what."""
    figures = ("acknowledged", "doubtful", "refused", "unavailable")
    return ", ".join(f"{sum(getattr(journal, figure) for journal in journals)} {figure}" for figure in figures)


@pytest.mark.timeout(120 + SECONDS_A_KILL * (SERVER_KILLS + MONGOD_KILLS))
async def test_nothing_acknowledged_is_lost_when_the_server_and_its_database_are_killed_again_and_again(
    make_server: MakeServer, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random()
    server = make_server(**SETTINGS)
    await server.start()
    async with writing(server, chance) as writers:
        await kill_servers(server, writers, chance)
        await kill_mongods(server, writers, chance)
    journals = [writer.journal for writer in writers]
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line(f"\n{SERVER_KILLS} and {MONGOD_KILLS} kills: {add_up(journals)}")
    assert await server.stop() == 0
    faults = await find_all_faults(server, journals)
    assert not faults, "\n".join(faults[:20])
