"""The database is away for a while: every request is told so within two seconds, and nothing has to be restarted."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings
from graph.store.mongod.attachment import private_mongod
from tests.e2e.conftest import MakeServer, wake
from tests.e2e.server import STORE_TIMEOUT, Answer, Server, run_command
from tests.store.mongod.conftest import list_processes, wait_until

TWO_SECONDS = 2.0
DEFAULT = {STORE_TIMEOUT: str(Settings.model_fields["store_timeout_seconds"].default)}
BACK_SECONDS = 20.0
AWAY = {"STORE_UNAVAILABLE"}
AWAY_OR_UNKNOWN = {"STORE_UNAVAILABLE", "OUTCOME_UNKNOWN"}

READ = "query($by: PromptBy!) { prompt(by: $by) { name latestVersion { number } } }"
LIST = (
    "{ prompts { totalCount nodes { name latestVersion { number } author { displayName } viewerRating { score } } } }"
)
CREATE = "mutation($input: PromptCreateInput!) { promptCreate(input: $input) { prompt { id } errors { __typename } } }"
RATE = "mutation($input: PromptRateInput!) { promptRate(input: $input) { rating { score } errors { __typename } } }"
RENDER = """mutation($input: PromptRenderInput!) { promptRender(input: $input) {
  rendering { version { number } } errors { __typename } } }"""


@asynccontextmanager
async def frozen(data_dir: Path) -> AsyncIterator[None]:
    """A mongod that is there, keeps its connections, and answers nobody."""
    [mongod] = list_processes(data_dir)["mongod"]
    os.kill(mongod, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(mongod, signal.SIGCONT)


@asynccontextmanager
async def killed(data_dir: Path) -> AsyncIterator[None]:
    """No mongod at all, because its keeper, who would start another, sleeps."""
    [keeper], [mongod] = list_processes(data_dir)["keeper"], list_processes(data_dir)["mongod"]
    os.kill(keeper, signal.SIGSTOP)
    os.kill(mongod, signal.SIGKILL)
    await asyncio.sleep(0.2)
    try:
        yield
    finally:
        wake(data_dir)


Outage = Callable[[Path], Any]
outages = pytest.mark.parametrize("outage", [frozen, killed])


async def create(server: Server, name: str, headers: dict[str, str] | None = None) -> str:
    input = {"name": name, "template": {"text": "Dear {{customer=}},"}}
    payload = (await server.graphql(CREATE, {"input": input}, headers)).data["promptCreate"]
    assert payload["errors"] == []
    prompt_id: str = payload["prompt"]["id"]
    return prompt_id


def requests(server: Server, prompt_id: str) -> list[tuple[Callable[[], Awaitable[Answer]], set[str]]]:
    """One of each sort, with the codes that it may be answered with."""
    new = {"name": "made in the dark", "template": {"text": "x"}}
    render = {"prompt": {"id": prompt_id}, "variables": {}}
    return [
        (lambda: server.graphql(READ, {"by": {"id": prompt_id}}), AWAY),
        (lambda: server.graphql(LIST), AWAY),
        (lambda: server.graphql(CREATE, {"input": new}), AWAY_OR_UNKNOWN),
        (lambda: server.graphql(RATE, {"input": {"promptId": prompt_id, "score": 5}}), AWAY_OR_UNKNOWN),
        (lambda: server.graphql(RENDER, {"input": render}), AWAY),
        (lambda: server.graphql(READ, {"by": {"id": prompt_id}}, {"X-Promptgraph-Actor": "a new one"}), AWAY),
    ]


async def assert_is_told(ask: Callable[[], Awaitable[Answer]], codes: set[str]) -> None:
    answer = await ask()
    assert answer.codes, answer.body
    assert set(answer.codes) <= codes
    assert answer.seconds < TWO_SECONDS
    for error in answer.body["errors"]:
        assert not [word for word in ("mongo", "sock", "/", "Error") if word in error["message"]], "it leaks"


async def assert_health(server: Server, status: int) -> None:
    ready = await server.get("/readyz")
    assert (ready.status, ready.seconds < TWO_SECONDS + 0.5) == (status, True)
    live = await server.get("/livez")
    assert (live.status, live.seconds < 0.5) == (200, True)


async def wait_until_ready(server: Server) -> None:
    async with asyncio.timeout(BACK_SECONDS):
        while (await server.get("/readyz")).status != 200:  # noqa: ASYNC110  # nobody but the server knows
            await asyncio.sleep(0.1)


async def wait_until_well(server: Server, prompt_id: str) -> None:
    await wait_until_ready(server)
    assert (await server.graphql(READ, {"by": {"id": prompt_id}})).data["prompt"]["latestVersion"] == {"number": 1}
    rated = (await server.graphql(RATE, {"input": {"promptId": prompt_id, "score": 4}})).data["promptRate"]
    assert rated == {"rating": {"score": 4}, "errors": []}


@outages
async def test_each_request_alone_is_told_and_all_is_well_when_the_database_returns(
    make_server: MakeServer, outage: Outage
) -> None:
    server = make_server(**DEFAULT)
    await server.start()
    prompt_id, pid = await create(server, "one"), server.pid
    await assert_health(server, 200)
    async with outage(server.data_dir):
        for ask, codes in requests(server, prompt_id):
            await assert_is_told(ask, codes)
            await assert_health(server, 503)
    await wait_until_well(server, prompt_id)
    assert server.is_running
    assert server.pid == pid


@outages
async def test_many_requests_at_once_are_told_as_quickly(make_server: MakeServer, outage: Outage) -> None:
    server = make_server(**DEFAULT)
    await server.start()
    prompt_id = await create(server, "one")
    async with outage(server.data_dir), asyncio.TaskGroup() as group:
        for ask, codes in requests(server, prompt_id) * 8:
            group.create_task(assert_is_told(ask, codes))
    await wait_until_well(server, prompt_id)


class Maker:
    """Makes prompts one after the other, each name until it is there."""

    def __init__(self, server: Server, number: int) -> None:
        self.names: list[str] = []
        self.is_done = False
        self._server = server
        self._number = number

    async def run(self) -> None:
        while not self.is_done:
            self.names.append(f"{self._number}/{len(self.names)}")
            await self._insist(self.names[-1])

    async def _insist(self, name: str) -> None:
        input = {"name": name, "template": {"text": "x"}}
        told: set[str] = set()
        while (answer := await self._server.graphql(CREATE, {"input": input})).codes:
            assert answer.seconds < TWO_SECONDS
            told.update(answer.codes)
            await asyncio.sleep(0.05)
        errors = [error["__typename"] for error in answer.data["promptCreate"]["errors"]]
        assert told <= AWAY_OR_UNKNOWN
        assert not errors or (errors == ["NameTakenError"] and "OUTCOME_UNKNOWN" in told), f"{name}: {told}, {errors}"


@outages
async def test_only_what_was_told_as_unknown_may_have_been_written(make_server: MakeServer, outage: Outage) -> None:
    server = make_server(**DEFAULT)
    await server.start()
    makers = [Maker(server, number) for number in range(8)]
    async with asyncio.TaskGroup() as group:
        for maker in makers:
            group.create_task(maker.run())
        for _ in range(3):
            await asyncio.sleep(random.uniform(0.3, 0.8))
            async with outage(server.data_dir):
                await asyncio.sleep(1.7)
            await wait_until_ready(server)
        for maker in makers:
            maker.is_done = True
    made = sum(len(maker.names) for maker in makers)
    assert (await server.graphql("{ prompts { totalCount } }")).data["prompts"]["totalCount"] == made


async def test_a_server_on_a_configured_database_outlives_it(make_server: MakeServer, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    async with private_mongod(place) as url:
        server = make_server(PROMPTGRAPH_MONGODB_URL=url, **DEFAULT)
        made = await run_command("apikey", "create", "ci", cwd=tmp_path, environment={"PROMPTGRAPH_MONGODB_URL": url})
        headers = {"Authorization": f"Bearer {made.out.strip()}"}
        await server.start()
        await create(server, "one", headers)
        assert list_processes(server.data_dir) == {}, "it starts no database of its own"
        async with killed(place):
            answer = await server.graphql(LIST, headers=headers)
            assert (answer.status, answer.codes, answer.seconds < TWO_SECONDS) == (503, ["STORE_UNAVAILABLE"], True)
            assert answer.headers["Retry-After"] == "1"
            await assert_health(server, 503)
        await wait_until_ready(server)
        assert (await server.graphql(LIST, headers=headers)).data["prompts"]["totalCount"] == 1
        assert await server.stop() == 0
    await wait_until(lambda: not list_processes(place))
