"""A long history is more than a transaction can hold: it comes and goes in pieces that nobody sees."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.domain.errors import NameTakenError
from graph.domain.events import Signature
from graph.domain.prompts import PromptById, PromptDraft, PromptVersion, VersionDraft
from graph.domain.templates import Content, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.store.removals import BESIDE
from graph.store.store import Store

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SIGNATURE = Signature("local", None, NOW)
LENGTH = 120


async def insert_long(deps: Deps, prompt_id: str, name: str) -> None:
    short = await create_prompt(deps, LOCAL_ACCESS, PromptDraft(f"{name}-short", VersionDraft(TextTemplate("x"))))
    contents = [Content(TextTemplate(str(number))) for number in range(1, LENGTH + 1)]
    versions = [
        PromptVersion(prompt_id, number, content, content.digest(), None, NOW, None)
        for number, content in enumerate(contents, 1)
    ]
    prompt = replace(short, id=prompt_id, name=name, latest=LENGTH, latest_digest=versions[-1].digest)
    await deps.store.prompts.insert(prompt, versions, SIGNATURE)


async def left(store: Store, prompt_id: str) -> int:
    counts = [await store.database.collection(name).count_documents({"prompt_id": prompt_id}) for name in BESIDE]
    return sum(counts) + await store.database.collection("removals").count_documents({})


async def test_a_removed_prompt_leaves_nothing_but_its_events(deps: Deps, store: Store) -> None:
    await insert_long(deps, "long", "a")
    assert await left(store, "long") > 0
    await delete_prompt(deps, LOCAL_ACCESS, "long", "a")
    assert await left(store, "long") == 0
    events = await store.database.collection("events").find({"prompt_id": "long"}).sort("rev").to_list()
    assert [event["kind"] for event in events] == ["created", "deleted"]


async def test_a_long_history_whose_name_is_taken_leaves_nothing(deps: Deps, store: Store) -> None:
    await create_prompt(deps, LOCAL_ACCESS, PromptDraft("a", VersionDraft(TextTemplate("x"))))
    with pytest.raises(NameTakenError):
        await insert_long(deps, "long", "a")
    assert await left(store, "long") == 0


async def test_what_a_crash_has_left_is_cleared_at_a_later_start_and_not_while_it_may_be_at_work(
    deps: Deps, store: Store
) -> None:
    await store.removals.mark("gone", NOW)
    await store.database.collection("version_archives").insert_one({"_id": "gone:1", "prompt_id": "gone", "last": 1})
    await store.removals.clear_left(NOW + timedelta(minutes=1))
    assert await left(store, "gone") == 2
    await store.removals.clear_left(NOW + timedelta(hours=1))
    assert await left(store, "gone") == 0


async def test_what_an_outage_has_left_is_cleared_while_the_registry_is_open(deps: Deps, store: Store) -> None:
    await store.removals.mark("gone", NOW)
    await store.database.collection("ratings").insert_one({"_id": "gone:ada", "prompt_id": "gone"})
    async with asyncio.timeout(20), store.removals.sweeping(lambda: NOW + timedelta(hours=1), seconds=0.01):
        while await left(store, "gone"):  # noqa: ASYNC110  # another task clears it
            await asyncio.sleep(0.01)


async def test_a_history_that_arrived_is_never_cleared(deps: Deps, store: Store) -> None:
    await insert_long(deps, "long", "a")
    await store.removals.clear_left(NOW + timedelta(days=1))
    assert await store.prompts.find(LOCAL_ACCESS, PromptById("long"))
    assert await store.database.collection("version_archives").count_documents({"prompt_id": "long"}) > 0
