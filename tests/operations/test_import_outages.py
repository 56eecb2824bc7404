"""An import waits for a database that is away for a moment, and each entry is in once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import TextTemplate
from graph.exchange.entries import Snapshot
from graph.exchange.limits import ExchangeLimits
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate
from graph.operations.imports import import_entries
from tests.fixtures import registry
from tests.search_sync.own_mongod import OwnMongod, failing, own_mongod

COUNT = 200
ENTRIES = [Snapshot(f"line {n}", PromptDraft(f"p{n}", VersionDraft(TextTemplate("Hi")))) for n in range(COUNT)]
UNWRITTEN = 46841  # a code of MongoDB's for "not now"

Document = dict[str, Any]


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[OwnMongod]:
    async with own_mongod(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def deps(mongod: OwnMongod) -> AsyncIterator[Deps]:
    async with registry(mongod.url, "some") as opened:
        yield opened


async def import_all(deps: Deps, entries: list[Snapshot]) -> list[Fate]:
    return [outcome.fate async for outcome in import_entries(deps, LOCAL_ACCESS, entries)]


async def test_a_database_that_is_killed_under_an_import_and_comes_back_is_waited_for(
    mongod: OwnMongod, deps: Deps
) -> None:
    importing = asyncio.create_task(import_all(deps, ENTRIES))
    prompts = deps.store.database.collection("prompts")
    async with asyncio.timeout(60):
        while await prompts.count_documents({}) < COUNT // 10:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    await mongod.kill()
    await mongod.start()
    fates = await importing
    assert len(fates) == COUNT
    assert set(fates) <= {Fate.CREATED, Fate.UNCHANGED}  # unchanged is one that was made when the answer was lost
    assert await prompts.count_documents({}) == COUNT
    assert await prompts.count_documents({"latest": 1}) == COUNT


async def test_what_may_have_been_written_is_tried_again_and_found(mongod: OwnMongod, deps: Deps) -> None:
    async with (
        AsyncMongoClient[Document](mongod.url) as client,
        failing(client, ["commitTransaction"], UNWRITTEN, times=1),
    ):
        with capture_logs() as lines:
            fates = await import_all(deps, ENTRIES[:1])
    assert fates in ([Fate.CREATED], [Fate.UNCHANGED])
    assert "the database does not answer; it is waited for" in [line["event"] for line in lines]
    assert await deps.store.database.collection("prompts").count_documents({}) == 1


async def test_the_patience_ends_with_the_setting(mongod: OwnMongod, deps: Deps) -> None:
    await mongod.kill()
    impatient = replace(deps, exchange_limits=ExchangeLimits(patience_seconds=0.5))
    async with asyncio.timeout(30):
        with pytest.raises((StoreUnavailableError, OutcomeUnknownError)):
            await import_all(impatient, ENTRIES[:3])
