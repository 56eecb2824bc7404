"""One question, one round trip: however many prompts a page holds."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import strawberry
from graphql import execute, parse
from pymongo import AsyncMongoClient, monitoring

from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from graph.domain.prompts import LATEST_VERSION
from graph.operations.access import LOCAL, LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from graph.operations.ratings import rate_prompt
from graph.schema.context import Context
from graph.schema.loaders import Loader
from graph.store.cache import memory_cache
from graph.store.database import Database
from graph.store.store import build_store
from tests.fixtures import draft

PAGE = """query($first: Int) { prompts(first: $first) { nodes { name author { displayName } viewerRating { score }
  labels { name movedBy { displayName } version { number } } latestVersion { number template { __typename } } } } }"""
DEEP = """query($first: Int) { prompts(first: $first) { nodes { latestVersion { author { displayName }
  ratingSummary { count } previous { number } labels { name } } versions(first: 2) { nodes { number } } } } }"""
ONE = 'query($first: Int) { prompt(by: {name: "folder/0"}) { name latestVersion { number } nothing: archivedAt } }'


class Counter(monitoring.CommandListener):
    """Counts the commands that are sent to MongoDB."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Of no interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Of no interest."""


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def join(mongodb_url: str, database_name: str, deps: Deps, counter: Counter) -> AsyncIterator[Callable[[], Deps]]:
    """Joins the parts anew, with nothing cached and every command counted."""
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, tz_aware=True, event_listeners=[counter]) as client:

        def joined() -> Deps:
            limits = Limits()
            store = build_store(Database(client, database_name, 10), memory_cache(1000, 10_000_000), limits)
            return Deps(store, deps.clock, deps.ids, CursorSigner(b"for tests"), limits)

        yield joined


async def fill(deps: Deps, count: int) -> None:
    await deps.store.actors.ensure(LOCAL)
    for number in range(count):
        prompt = await create_prompt(deps, LOCAL_ACCESS, draft(f"folder/{number}"))
        await set_label(deps, LOCAL_ACCESS, prompt.id, "staging", LATEST_VERSION)
        await rate_prompt(deps, LOCAL_ACCESS, prompt.id, 4)


async def ask(schema: strawberry.Schema, deps: Deps, query: str, first: int) -> Any:
    """As the wire does, with its executor."""
    result: Any = execute(
        schema._schema,
        parse(query),
        context_value=Context(deps, LOCAL_ACCESS),
        variable_values={"first": first},
        executor_class=schema.execution_context_class,
    )
    answer = result if hasattr(result, "data") else await result
    assert answer.errors is None, answer.errors
    return answer.data


@pytest.mark.parametrize(("query", "round_trips"), [(PAGE, 4), (DEEP, 7)])
async def test_a_page_costs_the_same_round_trips_however_many_prompts_it_holds(
    schema: strawberry.Schema, deps: Deps, join: Callable[[], Deps], counter: Counter, query: str, round_trips: int
) -> None:
    await fill(deps, 20)
    counts = []
    for first in (1, 5, 20):
        cold = join()
        counter.commands.clear()
        data = await ask(schema, cold, query, first)
        assert len(data["prompts"]["nodes"]) == first
        counts.append(len(counter.commands))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= round_trips, counter.commands


async def test_one_prompt_with_its_cached_version_is_one_find(
    schema: strawberry.Schema, deps: Deps, join: Callable[[], Deps], counter: Counter
) -> None:
    await fill(deps, 1)
    joined = join()
    await ask(schema, joined, ONE, 1)
    counter.commands.clear()
    data = await ask(schema, joined, ONE, 1)
    assert data["prompt"]["latestVersion"] == {"number": 1}
    assert counter.commands == ["find"]


async def test_a_loader_asks_once_for_what_is_wanted_at_once_and_remembers_it() -> None:
    asked: list[list[str]] = []

    async def find(keys: Any) -> dict[str, str]:
        asked.append(list(keys))
        return {key: key.upper() for key in keys if key != "nobody"}

    loader: Loader[str, str] = Loader(find)
    assert await loader.load_many(["a", "b", "a", "nobody"]) == ["A", "B", "A", None]
    assert await loader.load("a") == "A"
    assert asked == [["a", "b", "nobody"]]
    assert (loader.peek("a"), loader.peek("c")) == ("A", None)
    assert (loader.is_loaded("nobody"), loader.is_loaded("c")) == (True, False)
    loader.clear()
    assert await loader.load("a") == "A"
    assert len(asked) == 2


async def test_whoever_waits_is_told_when_the_store_does_not_answer() -> None:
    async def find(keys: Any) -> dict[str, str]:
        raise ConnectionError("gone")

    loader: Loader[str, str] = Loader(find)
    waiting = [loader.load("a"), loader.load("b")]
    for answer in waiting:
        with pytest.raises(ConnectionError):
            await answer
    assert not loader.is_loaded("a")
