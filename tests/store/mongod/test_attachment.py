import asyncio
import contextlib
import os
import re
import shutil
import socket
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from graph.store.mongod.attachment import private_mongod
from graph.store.mongod.errors import MongodFailedError
from graph.store.mongod.options import MongodOptions
from tests.store.mongod.conftest import StartGuest, kill, list_processes, read_uri, wait_until

Client = AsyncMongoClient[dict[str, Any]]


async def write_until_it_works(client: Client, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            try:
                await client.registry.things.insert_one({})
            except PyMongoError:
                await asyncio.sleep(0.05)
            else:
                return


def list_listening_inodes() -> set[str]:
    """The sockets of this machine that listen on TCP; state 0A is LISTEN (proc(5))."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {fields[9] for fields in lines if fields[3] == "0A"}


def list_socket_inodes(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # such as the one that reads this very directory
            found.update(re.findall(r"socket:\[(\d+)\]", os.readlink(descriptor)))
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and that nobody has asked after yet (Z) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def read_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_database_has_transactions_and_keeps_what_it_was_given(data_dir: Path) -> None:
    async with (
        private_mongod(data_dir) as uri,
        Client(uri) as client,
        client.start_session() as session,
        await session.start_transaction(),
    ):
        await client.registry.things.insert_one({"_id": 1}, session=session)
    async with private_mongod(data_dir) as uri, Client(uri) as client:
        assert await client.registry.things.find_one() == {"_id": 1}


async def test_it_listens_on_no_tcp_port_and_nobody_else_can_reach_it(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert list_socket_inodes(os.getpid()) & list_listening_inodes(), "the test would see a port"
        async with private_mongod(data_dir):
            [mongod] = list_processes(data_dir)["mongod"]
            assert not list_socket_inodes(mongod) & list_listening_inodes()
            assert read_mode(data_dir) == 0o700
            assert read_mode(data_dir / "mongod.sock") == 0o700


async def test_nothing_stays_behind_when_the_last_user_has_left(data_dir: Path) -> None:
    async with private_mongod(data_dir):
        assert set(list_processes(data_dir)) == {"keeper", "mongod"}
    assert list_processes(data_dir) == {}


@pytest.mark.parametrize("name", ["with a space and ü%", "long-" * 40], ids=["odd", "long"])
async def test_any_path_will_do_and_may_change(tmp_path: Path, name: str) -> None:
    async with private_mongod(tmp_path / name) as uri, Client(uri) as client:
        await client.registry.things.insert_one({"_id": 1})
    moved = (tmp_path / name).rename(tmp_path / "moved")
    async with private_mongod(moved) as uri, Client(uri) as client:
        assert await client.registry.things.count_documents({}) == 1


async def test_a_second_command_attaches_and_the_database_stays_until_both_have_left(
    data_dir: Path, start_guest: StartGuest
) -> None:
    first = await start_guest(data_dir)
    await read_uri(first)
    before = list_processes(data_dir)
    async with private_mongod(data_dir) as uri, Client(uri) as client:
        await client.registry.things.insert_one({})
        await first.communicate(b"")  # its input ends
        assert first.returncode == 0
        await client.registry.things.insert_one({})
        assert list_processes(data_dir) == before
    assert list_processes(data_dir) == {}


async def test_commands_that_start_at_once_make_one_database(data_dir: Path, start_guest: StartGuest) -> None:
    guests = [await start_guest(data_dir) for _ in range(4)]
    assert len(set(await asyncio.gather(*map(read_uri, guests)))) == 1
    assert {program: len(pids) for program, pids in list_processes(data_dir).items()} == {"keeper": 1, "mongod": 1}


async def test_a_command_that_comes_while_the_last_one_leaves_waits_and_starts_the_next(data_dir: Path) -> None:
    async def use(delay: float) -> None:
        await asyncio.sleep(delay)
        async with private_mongod(data_dir) as uri, Client(uri) as client:
            await client.registry.things.insert_one({})

    async with asyncio.TaskGroup() as group:
        for turn in range(8):
            group.create_task(use(turn * 0.3))
    assert list_processes(data_dir) == {}


async def test_the_database_is_gone_when_all_its_users_are_killed(data_dir: Path, start_guest: StartGuest) -> None:
    guests = [await start_guest(data_dir) for _ in range(2)]
    await asyncio.gather(*map(read_uri, guests))
    kill([guest.pid for guest in guests])
    await wait_until(lambda: not list_processes(data_dir), seconds=5)


async def test_the_database_is_gone_when_its_keeper_is_killed_with_all_its_users(
    data_dir: Path, start_guest: StartGuest
) -> None:
    guest = await start_guest(data_dir)
    await read_uri(guest)
    kill([*list_processes(data_dir)["keeper"], guest.pid])  # in this order, so that it has no time to stop mongod
    await wait_until(lambda: not list_processes(data_dir), seconds=2)
    async with private_mongod(data_dir) as uri, Client(uri) as client:  # what they left lying about stops nobody
        await client.registry.things.insert_one({})


async def test_a_command_killed_while_it_starts_the_database_leaves_nothing(
    data_dir: Path, start_guest: StartGuest
) -> None:
    guest = await start_guest(data_dir)
    await wait_until(lambda: "mongod" in list_processes(data_dir))
    kill([guest.pid])
    await wait_until(lambda: not list_processes(data_dir), seconds=5)


def has_another(data_dir: Path, program: str, before: list[int]) -> bool:
    return list_processes(data_dir).get(program, before) != before


@pytest.mark.parametrize("victim", ["mongod", "keeper"])
async def test_the_database_comes_back_under_a_client_that_stays(data_dir: Path, victim: str) -> None:
    async with private_mongod(data_dir) as uri, Client(uri, timeoutMS=1_500) as client:
        for _ in range(3):
            before = list_processes(data_dir)[victim]
            kill(before)
            await write_until_it_works(client)
            await wait_until(partial(has_another, data_dir, victim, before))
    assert list_processes(data_dir) == {}


async def test_nothing_stays_behind_when_the_directory_is_removed_under_its_users(data_dir: Path) -> None:
    async with private_mongod(data_dir):
        running = [pid for pids in list_processes(data_dir).values() for pid in pids]
        shutil.rmtree(data_dir, ignore_errors=True)
        await wait_until(lambda: not any(is_alive(pid) for pid in running))


async def test_a_mongod_that_lacks_libcurl_is_told_with_the_line_to_type(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"
    put_on_path(tmp_path, monkeypatch, f"echo 'mongod: {complaint}' >&2; exit 127")
    with pytest.raises(MongodFailedError, match="apt-get install -y libcurl4"):
        async with private_mongod(data_dir):
            pass
    assert list_processes(data_dir) == {}


async def test_a_mongod_that_refuses_its_files_is_told_with_its_own_reason(data_dir: Path) -> None:
    async with private_mongod(data_dir):
        pass
    (data_dir / "mongod" / "WiredTiger.turtle").write_text("not what it wrote")
    with pytest.raises(MongodFailedError, match=r"mongod does not start: .+"):
        async with private_mongod(data_dir):
            pass
    assert list_processes(data_dir) == {}


async def test_a_mongod_that_never_comes_up_is_given_up_and_stopped(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_path(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(MongodFailedError, match=r"did not come up in 0\.5 seconds"):
        async with private_mongod(data_dir, MongodOptions(start_seconds=0.5)):
            pass
    assert list_processes(data_dir) == {}


def put_on_path(place: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = place / "bin" / "mongod"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
