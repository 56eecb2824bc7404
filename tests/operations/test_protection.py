"""Which labels are protected: said once, for every process."""

import asyncio
from dataclasses import replace

import pytest

from graph.domain.actors import ANONYMOUS, EVERYWHERE, Grant, Scope
from graph.domain.denials import FolderForbiddenError, ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError, LabelProtectedError
from graph.domain.prompts import PromptById, VersionByNumber
from graph.operations.deps import Deps
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import create_prompt, delete_prompt, get_prompt
from graph.operations.protection import list_protected_labels, protect_label, protected_labels, unprotect_label
from graph.store.store import open_store
from tests.fixtures import caller, draft

ROOT = caller("root")
PLAIN = caller("plain", {Scope.PROMPTS_READ, Scope.LABELS_WRITE, Scope.KEYS_MANAGE})


async def test_the_setting_holds_until_somebody_says_otherwise(deps: Deps) -> None:
    other = replace(deps, protected_labels=frozenset({"live", "staging"}))
    assert await list_protected_labels(other, ROOT) == ["live", "staging"]
    assert await protect_label(other, ROOT, "canary") == ["canary", "live", "staging"]
    assert await unprotect_label(other, ROOT, "live") == ["canary", "staging"]
    assert await protected_labels(deps) == {"canary", "staging"}, "whatever this process was set to"


async def test_what_is_said_holds_at_once_on_every_process(deps: Deps, mongodb_url: str, database_name: str) -> None:
    prompt = await create_prompt(deps, ROOT, draft())
    async with open_store(mongodb_url, database_name) as store:
        elsewhere = replace(deps, store=store)
        await set_label(elsewhere, PLAIN, prompt.id, "canary", VersionByNumber(1))
        await protect_label(deps, ROOT, "canary")
        for refused in (
            set_label(elsewhere, PLAIN, prompt.id, "canary", VersionByNumber(1)),
            remove_label(elsewhere, PLAIN, prompt.id, "canary"),
        ):
            with pytest.raises(LabelProtectedError):
                await refused
        await unprotect_label(elsewhere, ROOT, "canary")
        await remove_label(deps, PLAIN, prompt.id, "canary")


async def test_all_who_speak_at_once_are_heard(deps: Deps) -> None:
    names = {f"label-{number}" for number in range(8)}
    await asyncio.gather(*(protect_label(deps, ROOT, name) for name in names))
    assert await protected_labels(deps) == names | {"production"}


async def test_protecting_takes_a_manager_of_everything(deps: Deps) -> None:
    for deed in (protect_label, unprotect_label):
        with pytest.raises(UnauthenticatedError):
            await deed(deps, ANONYMOUS, "canary")
        with pytest.raises(ForbiddenError):
            await deed(deps, caller("other", set(Scope) - {Scope.KEYS_MANAGE}), "canary")
        for grants in ((), (Grant("support", can_write=True),), (Grant(""),)):
            with pytest.raises(FolderForbiddenError):
                await deed(deps, caller("other", grants=grants), "canary")
    assert await protected_labels(deps) == {"production"}


async def test_nobody_lifts_a_protection_that_holds_for_themselves(deps: Deps) -> None:
    assert await protect_label(deps, PLAIN, "canary") == ["canary", "production"]
    with pytest.raises(ForbiddenError) as refused:
        await unprotect_label(deps, PLAIN, "canary")
    assert refused.value.scope == Scope.LABELS_PROTECTED
    assert await unprotect_label(deps, PLAIN, "open") == ["canary", "production"]


async def test_names_are_labels_and_so_many_at_most(deps: Deps) -> None:
    for name in ("latest", "v7", "Production", ""):
        with pytest.raises(InvalidInputError):
            await protect_label(deps, ROOT, name)
    few = replace(deps, limits=replace(deps.limits, protected_labels=2))
    await protect_label(few, ROOT, "a")
    assert await protect_label(few, ROOT, "a") == ["a", "production"]
    with pytest.raises(InvalidInputError):
        await protect_label(few, ROOT, "b")
    assert await protected_labels(deps) == {"a", "production"}


async def test_they_are_told_to_those_who_read(deps: Deps) -> None:
    assert await list_protected_labels(deps, caller("reader", {Scope.PROMPTS_READ}, EVERYWHERE)) == ["production"]
    with pytest.raises(ForbiddenError):
        await list_protected_labels(deps, caller("writer", {Scope.LABELS_WRITE}))


async def test_a_protected_label_does_not_go_with_its_prompt(deps: Deps) -> None:
    prompt = await create_prompt(deps, ROOT, draft())
    await set_label(deps, ROOT, prompt.id, "production", VersionByNumber(1))
    await set_label(deps, ROOT, prompt.id, "blue", VersionByNumber(1))
    writer = caller("writer", {Scope.PROMPTS_READ, Scope.PROMPTS_WRITE, Scope.LABELS_WRITE})
    with pytest.raises(LabelProtectedError, match="production"):
        await delete_prompt(deps, writer, prompt.id, prompt.name)
    assert await get_prompt(deps, ROOT, PromptById(prompt.id))
    await remove_label(deps, ROOT, prompt.id, "production")
    await delete_prompt(deps, writer, prompt.id, prompt.name)
    assert await get_prompt(deps, ROOT, PromptById(prompt.id)) is None
