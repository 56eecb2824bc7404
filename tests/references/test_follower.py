"""Those that include a prompt are told when it means something else, once for each cause."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest

from graph.domain.actors import Scope
from graph.domain.limits import Limits
from graph.domain.prompts import Prompt, PromptByName, VersionByNumber, Visibility
from graph.exchange.entries import History, PastPrompt, PastVersion
from graph.operations.deps import Deps
from graph.operations.import_results import Fate
from graph.operations.imports import import_entries
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import create_prompt, delete_prompt, get_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from graph.references.follower import ReferenceFollower
from graph.references.reach import find_reached
from graph.store.codec import event_from_document
from search_sync.commands import working
from tests.feeds import number_events
from tests.fixtures import Records, caller, deps, draft, records, store, text_version

__all__ = ["deps", "records", "store"]

ADA = caller("ada")


async def make(deps: Deps, name: str, text: str) -> Prompt:
    return await create_prompt(deps, ADA, draft(name, text))


@asynccontextmanager
async def following(deps: Deps) -> AsyncIterator[None]:
    database = deps.store.database.collection("prompts").database
    follower = ReferenceFollower(deps.store, database, Limits(), deps.clock)
    async with working(follower):
        yield


async def follow(deps: Deps) -> None:
    """Lets a follower take what has happened so far, and its own events, and ends it."""
    async with following(deps):
        await taken(deps)


async def taken(deps: Deps) -> None:
    """Waits until whoever follows has come to the end, which the database tells."""
    async with asyncio.timeout(20):
        while await deps.store.references.read_position() < await number_events(deps):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def causes(records: Records, prompt: Prompt) -> list[tuple[str, list[int]]]:
    """The kinds of what the prompt was told of, with its versions that are reached."""
    told = [one["change"] for one in await records.events(prompt.id) if one["kind"] == "reference_changed"]
    kinds = {one["_id"]: str(one["kind"]) for one in await records.all("events")}
    return [(kinds[change["cause"]], change["versions"]) for change in told]


async def test_each_change_of_what_is_included_is_told_once(deps: Deps, records: Records) -> None:
    policy = await make(deps, "b", "One")
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(1))
    newest, calm = await make(deps, "newest", "{{> b}}"), await make(deps, "calm", "{{> b@calm}}")
    pinned = await make(deps, "pinned", "{{> b@1}}")
    await follow(deps)
    assert [await causes(records, one) for one in (newest, calm, pinned, policy)] == [[], [], [], []]
    await append_version(deps, ADA, policy.id, 1, text_version("Two"))
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(2))
    await rate_prompt(deps, ADA, policy.id, 5)
    await remove_label(deps, ADA, policy.id, "calm")
    await follow(deps)
    await follow(deps)
    assert await causes(records, newest) == [("version_created", [1])]
    assert await causes(records, calm) == [("label_set", [1]), ("label_removed", [1])]
    assert await causes(records, pinned) == []
    document = (await records.all("prompts", _id=calm.id))[0]
    assert document["rev"] == 3


async def test_a_change_is_told_upwards_through_those_in_between(deps: Deps, records: Records) -> None:
    inner = await make(deps, "a", "One")
    middle = await make(deps, "b", "{{> a}}")
    await append_version(deps, ADA, middle.id, 1, text_version("No more"))
    top, twice = await make(deps, "top", "{{> b@1}}"), await make(deps, "twice", "{{> b@1}} {{> a}}")
    await follow(deps)
    await append_version(deps, ADA, inner.id, 1, text_version("Two"))
    await follow(deps)
    assert await causes(records, middle) == []
    assert await causes(records, top) == [("version_created", [1])]
    assert await causes(records, twice) == [("version_created", [1])]


async def test_what_is_gone_and_what_comes_again_is_told(deps: Deps, records: Records) -> None:
    policy = await make(deps, "b", "One")
    letter = await make(deps, "letter", "{{> b@1}}")
    await append_version(deps, ADA, letter.id, 1, text_version("none"))
    await delete_prompt(deps, ADA, policy.id, "b")
    await set_label(deps, ADA, letter.id, "old", VersionByNumber(1))
    await make(deps, "b", "Again")
    await follow(deps)
    assert [kind for kind, _ in await causes(records, letter)] == ["deleted", "created"]


async def test_a_cause_that_is_taken_twice_is_told_once_also_at_once(deps: Deps, records: Records) -> None:
    policy, letter = await make(deps, "b", "One"), await make(deps, "letter", "{{> b}}")
    await append_version(deps, ADA, policy.id, 1, text_version("Two"))
    await number_events(deps)
    cause = event_from_document((await records.events(policy.id))[-1])
    assert await find_reached(deps.store, cause, 5) == {letter.id: [1]}
    signature = deps.signature(ADA)
    told = [deps.store.reference_events.tell(letter.id, cause, [1], signature) for _ in range(8)]
    assert sorted(await asyncio.gather(*told)) == [False] * 7 + [True]
    await follow(deps)
    assert await causes(records, letter) == [("version_created", [1])]


@pytest.mark.parametrize("followers", [3])
async def test_several_followers_tell_once(deps: Deps, records: Records, followers: int) -> None:
    policy, letter = await make(deps, "b", "One"), await make(deps, "letter", "{{> b}}")
    for number in range(1, 6):
        await append_version(deps, ADA, policy.id, number, text_version(f"{number}"))
    async with AsyncExitStack() as stack:
        for _ in range(followers):
            await stack.enter_async_context(following(deps))
        await taken(deps)
    assert len(await causes(records, letter)) == 5


async def test_versions_that_came_in_together_are_told_of_apart(deps: Deps, records: Records) -> None:
    """Those of an imported history share one event; here both are reached, one on each level."""
    inner = await make(deps, "a", "One")
    await make(deps, "b", "{{> a}}")
    access = caller("importer", Scope)
    assert [one.fate async for one in import_entries(deps, access, [history("letter", "{{> a}}", "{{> b}}")])] == [
        Fate.CREATED
    ]
    letter = await get_prompt(deps, ADA, PromptByName("letter"))
    assert letter
    await append_version(deps, ADA, inner.id, 1, text_version("Two"))
    await follow(deps)
    assert await causes(records, letter) == [("version_created", [2])]


def history(name: str, *texts: str) -> History:
    at = datetime(2025, 3, 1, tzinfo=UTC)
    versions = [PastVersion(number, text_version(text), at, None) for number, text in enumerate(texts, start=1)]
    past = PastPrompt(name, name, None, None, (), {}, Visibility.PRIVATE, None, at, at, None, None, labels=())
    return History(name, past, tuple(versions))
