"""Two processes on one database: what one keeps is what the other one wrote, at once where it wrote itself."""

import asyncio
import os
import random
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient

from graph.domain.actors import ANONYMOUS
from graph.domain.denials import UnauthenticatedError
from graph.domain.errors import NotFoundError
from graph.domain.limits import Limits
from graph.domain.outages import StoreUnavailableError
from graph.domain.patches import PromptPatch
from graph.domain.prompts import VersionByNumber, Visibility
from graph.operations.access import LOCAL_ACCESS, authenticate
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import create_prompt, delete_prompt, update_prompt
from graph.operations.selectors import resolve
from graph.operations.versions import append_version
from graph.store.cache import memory_cache
from graph.store.mongod.attachment import private_mongod
from graph.store.store import build_store
from tests.fixtures import caller, draft, text_version
from tests.store.keeping import ADA, Here, hearing, here, keeping, make_greet, number_of, settle, soon

__all__ = ["here"]

STRANGER = caller("eve", grants=())
DEEDS = 80


async def test_what_is_asked_again_and_again_is_read_once(deps: Deps, here: Here) -> None:
    await make_greet(deps)
    await settle(here, lambda: number_of(here.deps, "greet@production"))
    before = here.reads()
    for _ in range(100):
        assert await number_of(here.deps, "greet@production") == 1
    assert here.reads() == before


async def test_what_another_process_writes_is_known_without_asking(deps: Deps, here: Here) -> None:
    prompt_id = await make_greet(deps)

    async def is_now(text: str, number: int | None) -> None:
        async def look() -> bool:
            return await number_of(here.deps, text) == number

        await soon(look)

    await is_now("greet@production", 1)
    await set_label(deps, ADA, prompt_id, "production", VersionByNumber(2))
    await is_now("greet@production", 2)
    await delete_prompt(deps, ADA, prompt_id, "greet")
    await is_now("greet@production", None)
    await create_prompt(deps, ADA, draft("greet@production", text="An exact name comes first"))
    await is_now("greet@production", 1)


async def test_what_this_process_has_answered_for_is_never_told_as_it_was_before(here: Here) -> None:
    """Whatever is done, in whatever order, a text means at once what the database says."""
    deps, chance = here.deps, random.Random(11)
    names = ["a", "b", "c@x"]
    ids: dict[str, str] = {}
    for _ in range(DEEDS):
        name = chance.choice(names)
        if name not in ids:
            ids[name] = (await create_prompt(deps, ADA, draft(name, text=str(chance.random())))).id
        else:
            await _do_something(deps, ids, name, chance)
        for text in [*names, "a@x", "b@x", "c@x@x"]:
            told = await number_of(deps, text)
            with_nothing_kept = replace(deps, store=build_store(deps.store.database, memory_cache(0, 0), Limits()))
            assert told == await number_of(with_nothing_kept, text), text


async def _do_something(deps: Deps, ids: dict[str, str], name: str, chance: random.Random) -> None:
    prompt = (await deps.store.prompts.find_many(ADA, [ids[name]]))[ids[name]]
    match chance.randrange(4):
        case 0:
            await append_version(deps, ADA, prompt.id, prompt.latest, text_version(str(chance.random())))
        case 1:
            await set_label(deps, ADA, prompt.id, "x", VersionByNumber(chance.randint(1, prompt.latest)))
        case 2:
            if "x" in prompt.labels:
                await remove_label(deps, ADA, prompt.id, "x")
        case _:
            await delete_prompt(deps, ADA, ids.pop(name), name)


async def test_who_may_not_see_a_prompt_is_not_told_of_one_that_is_kept(here: Here) -> None:
    prompt_id = await make_greet(here.deps)
    reader = replace(ANONYMOUS, reads_public=True)
    await update_prompt(here.deps, ADA, prompt_id, PromptPatch(visibility=Visibility.PUBLIC))
    for access in (ADA, reader):
        assert (await resolve(here.deps, access, "greet")).prompt.id == prompt_id
    await update_prompt(here.deps, ADA, prompt_id, PromptPatch(visibility=Visibility.PRIVATE))
    assert (await resolve(here.deps, ADA, "greet")).prompt.id == prompt_id
    for access in (reader, STRANGER):
        with pytest.raises(NotFoundError):
            await resolve(here.deps, access, "greet")


async def test_what_is_asked_of_mongodb_tells_nothing_of_a_hidden_prompt_beside_one_that_is_seen(here: Here) -> None:
    """A template may include both: whether the second is hidden or missing must not show in the time."""
    reader = replace(ANONYMOUS, reads_public=True)
    seen = await create_prompt(here.deps, ADA, draft("seen", text="Seen"))
    await update_prompt(here.deps, ADA, seen.id, PromptPatch(visibility=Visibility.PUBLIC))
    await create_prompt(here.deps, ADA, draft("hidden", text="Hidden"))
    other = await create_prompt(here.deps, ADA, draft("other", text="Another"))
    for name in ("hidden", "missing"):

        async def ask(name: str = name) -> int:
            before = here.reads()
            assert set(await here.deps.store.prompts.find_named(reader, ["seen", name])) == {"seen"}
            return here.reads() - before

        await settle(here, ask)
        assert [await ask(), await ask()] == [0, 0], name
        await append_version(here.deps, ADA, other.id, other.latest, text_version(f"Not {name}"))
        assert await ask() == 1, name
        other = replace(other, latest=other.latest + 1)


async def test_a_key_that_is_revoked_here_is_refused_at_once_and_elsewhere_soon(deps: Deps, here: Here) -> None:
    for revoking in (here.deps, deps):
        made = await create_key(deps, LOCAL_ACCESS, "ci", ())

        async def is_refused(secret: str = made.secret) -> bool:
            try:
                await authenticate(here.deps, secret, None, ANONYMOUS)
            except UnauthenticatedError:
                return True
            return False

        assert not await is_refused()
        await settle(here, is_refused)
        await revoke_key(revoking, LOCAL_ACCESS, made.key.id)
        if revoking is here.deps:
            assert await is_refused()
        await soon(is_refused)


async def test_while_the_database_is_silent_nothing_is_told_for_longer_than_the_setting_says(here: Here) -> None:
    await make_greet(here.deps)
    await settle(here, lambda: number_of(here.deps, "greet@production"))
    pid = int((await here.deps.store.database.client.admin.command("serverStatus"))["pid"])
    os.kill(pid, signal.SIGSTOP)
    try:
        assert await number_of(here.deps, "greet@production") == 1
        await asyncio.sleep(1.0)
        with pytest.raises(StoreUnavailableError):
            await resolve(here.deps, ADA, "greet@production")
    finally:
        os.kill(pid, signal.SIGCONT)

    async def is_back() -> bool:
        try:
            return await number_of(here.deps, "greet@production") == 1 and here.deps.store.watch.is_heard()
        except StoreUnavailableError:
            return False

    await soon(is_back, 10)


async def test_a_collection_that_takes_the_prompts_place_is_heard_of(
    here: Here, mongodb_url: str, database_name: str
) -> None:
    """As somebody does who restores a backup beside what is there."""
    await make_greet(here.deps)
    await settle(here, lambda: number_of(here.deps, "greet@production"))
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        database = client[database_name]
        document = await database["prompts"].find_one({"name": "greet"})
        assert document
        document["labels"][0]["version"] = 2
        await database["restored"].insert_one(document)
        await database["restored"].rename("prompts", dropTarget=True)

    async def is_restored() -> bool:
        return await number_of(here.deps, "greet@production") == 2

    await soon(is_restored)


async def test_a_prompt_with_an_id_that_is_not_ours_is_heard_of_too(
    here: Here, mongodb_url: str, database_name: str
) -> None:
    """As somebody writes it by hand."""
    await make_greet(here.deps)

    async def titles() -> list[str]:
        return [prompt.title for prompt in (await here.deps.store.prompts.find_named(ADA, ["strange"])).values()]

    async def is_new() -> bool:
        return await titles() == ["New"]

    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        prompts = client[database_name]["prompts"]
        document = await prompts.find_one({"name": "greet"})
        assert document
        await prompts.insert_one({**document, "_id": ObjectId(), "name": "strange", "title": "Old"})
        await settle(here, titles)
        assert await titles() == ["Old"]
        await prompts.update_one({"name": "strange"}, {"$set": {"title": "New"}})
        await soon(is_new)


async def test_who_is_no_longer_the_primary_is_not_believed(deps: Deps, tmp_path: Path) -> None:
    """One that is cut off from the others tells of nothing, and would do so for as long as it is."""
    async with private_mongod(tmp_path / "data") as url, keeping(deps, url, "alone") as here:
        await make_greet(here.deps)
        await settle(here, lambda: number_of(here.deps, "greet@production"))
        admin = here.deps.store.database.client.admin
        await admin.command({"replSetStepDown": 60, "secondaryCatchUpPeriodSecs": 0, "force": True})

        async def is_deaf() -> bool:
            return not here.deps.store.watch.is_heard()

        await soon(is_deaf, 5)
        await asyncio.sleep(0.6)
        assert await is_deaf()
        await admin.command({"replSetFreeze": 0})
        await hearing(here.deps.store.watch)


async def test_with_no_seconds_nothing_is_kept(deps: Deps, mongodb_url: str, database_name: str) -> None:
    await make_greet(deps)
    async with keeping(deps, mongodb_url, database_name, seconds=0) as here:
        for _ in range(3):
            before = here.reads()
            assert await number_of(here.deps, "greet@production") == 1
            assert here.reads() > before
