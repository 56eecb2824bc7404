"""Usage is counted in memory and written in batches, never in the request's way."""

from datetime import UTC, datetime

import pytest

from graph.domain.outages import StoreUnavailableError
from graph.domain.prompts import PromptById, PromptDraft, VersionDraft, VersionRef
from graph.domain.templates import TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.store.renders import RenderStore
from graph.store.store import Store

NOON = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)


async def test_a_flush_adds_to_the_hour_and_to_the_prompt(deps: Deps, store: Store) -> None:
    prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("a", VersionDraft(TextTemplate("x"))))
    for _ in range(3):
        store.renders.record(VersionRef(prompt.id, 1), NOON)
    await store.renders.flush()
    store.renders.record(VersionRef(prompt.id, 1), NOON)
    await store.renders.flush()
    bucket = await store.database.collection("renders").find_one({"prompt_id": prompt.id})
    assert bucket is not None
    assert (bucket["count"], bucket["hour"]) == (4, NOON.replace(minute=0, second=0))
    read = await store.prompts.find(LOCAL_ACCESS, PromptById(prompt.id))
    assert read is not None
    assert (read.usage_count, read.revision) == (4, 1)


async def test_a_flush_that_fails_keeps_its_counts_for_the_next(
    deps: Deps, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("a", VersionDraft(TextTemplate("x"))))
    renders = RenderStore(store.database)
    renders.record(VersionRef(prompt.id, 1), NOON)

    async def refuse(work: object) -> None:
        raise StoreUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(type(store.database), "transact", lambda self, work: refuse(work))
        with pytest.raises(StoreUnavailableError):
            await renders.flush()
    await renders.flush()
    assert await store.database.collection("renders").count_documents({"prompt_id": prompt.id}) == 1


async def test_leaving_flushes_what_is_left(deps: Deps, store: Store) -> None:
    prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("a", VersionDraft(TextTemplate("x"))))
    renders = RenderStore(store.database)
    async with renders.flushing(seconds=3_600):
        renders.record(VersionRef(prompt.id, 2), NOON)
    assert await store.database.collection("renders").count_documents({"prompt_id": prompt.id}) == 1
