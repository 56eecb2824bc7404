import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.domain.actors import ANONYMOUS, Access, Actor, ActorKind, Grant, Scope
from graph.domain.denials import UnauthenticatedError
from graph.domain.errors import InvalidInputError
from graph.domain.prompts import PromptDraft, VersionDraft, VersionRef
from graph.domain.templates import TextTemplate
from graph.exchange.entries import History
from graph.exchange.history import history_from_json, history_to_line
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.exports import count_exported, export_drafts, export_prompts
from graph.operations.import_results import Fate
from graph.operations.imports import import_entries
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt, fork_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from tests.exchange.registries import clear, exported, new_registry
from tests.exchange.strategies import histories


async def read_in(deps: Deps, lines: list[str]) -> None:
    entries = [history_from_json(json.loads(line), "line") for line in lines]
    async for outcome in import_entries(deps, LOCAL_ACCESS, entries):
        assert outcome.fate is Fate.CREATED, outcome


def draft(name: str, text: str = "Hi") -> PromptDraft:
    return PromptDraft(name, VersionDraft(TextTemplate(text)))


@pytest.fixture(scope="module")
async def emptied(mongodb_url: str) -> AsyncIterator[Deps]:
    """One registry for all of hypothesis's examples, each of which empties it."""
    async with new_registry(mongodb_url) as deps:
        yield deps


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(histories(), max_size=3, unique_by=lambda history: history.name))
async def test_import_of_an_export_is_the_registry_again(emptied: Deps, past: list[History]) -> None:
    await clear(emptied)
    lines = [history_to_line(one) for one in sorted(past, key=lambda one: one.prompt.name.encode())]
    await read_in(emptied, lines)
    assert await exported(emptied) == lines


async def test_a_registry_with_a_long_history_forks_and_archived_prompts_moves_whole(mongodb_url: str) -> None:
    async with new_registry(mongodb_url) as source, new_registry(mongodb_url) as target:
        prompt = await create_prompt(source, LOCAL_ACCESS, draft("z/long", "version 1 of {{a}}"))
        for number in range(1, 130):
            await append_version(
                source,
                LOCAL_ACCESS,
                prompt.id,
                number,
                VersionDraft(TextTemplate(f"version {number + 1} of {{{{a}}}}")),
            )
        await fork_prompt(source, LOCAL_ACCESS, VersionRef(prompt.id, 7), "a/fork")
        await archive_prompt(source, LOCAL_ACCESS, prompt.id)
        lines = await exported(source)
        await read_in(target, lines)
        assert await exported(target) == lines
        assert len(lines) == 2


async def test_more_prompts_than_a_page_come_once_each_in_the_order_of_their_names(mongodb_url: str) -> None:
    async with new_registry(mongodb_url) as deps:
        names = [f"p{number:03}" for number in range(205)]
        for name in reversed(names):
            await create_prompt(deps, LOCAL_ACCESS, draft(name))
        assert [one.prompt.name async for one in export_prompts(deps, LOCAL_ACCESS)] == names
        assert [one.name async for one in export_drafts(deps, LOCAL_ACCESS)] == names
        assert await count_exported(deps, LOCAL_ACCESS) == 205


async def test_ratings_stay_behind(mongodb_url: str) -> None:
    async with new_registry(mongodb_url) as deps:
        prompt = await create_prompt(deps, LOCAL_ACCESS, draft("a"))
        before = await exported(deps)
        await rate_prompt(deps, LOCAL_ACCESS, prompt.id, 5)
        assert await exported(deps) == before


async def test_a_source_that_is_gone_is_left_out(mongodb_url: str) -> None:
    async with new_registry(mongodb_url) as deps:
        prompt = await create_prompt(deps, LOCAL_ACCESS, draft("a"))
        await fork_prompt(deps, LOCAL_ACCESS, VersionRef(prompt.id, 1), "b")
        await delete_prompt(deps, LOCAL_ACCESS, prompt.id, "a")
        (line,) = await exported(deps)
        assert '"forkedFrom":null' in line


async def test_drafts_are_the_latest_versions_of_what_is_not_archived(mongodb_url: str) -> None:
    async with new_registry(mongodb_url) as deps:
        first = await create_prompt(deps, LOCAL_ACCESS, draft("a", "one"))
        await append_version(deps, LOCAL_ACCESS, first.id, 1, VersionDraft(TextTemplate("two")))
        second = await create_prompt(deps, LOCAL_ACCESS, draft("b"))
        await archive_prompt(deps, LOCAL_ACCESS, second.id)
        (only,) = [one async for one in export_drafts(deps, LOCAL_ACCESS)]
        assert (only.name, only.version.template) == ("a", TextTemplate("two"))
        assert await count_exported(deps, LOCAL_ACCESS, archived=False) == 1


async def test_only_the_folder_and_what_the_caller_may_see_is_exported(mongodb_url: str) -> None:
    reader = Access(Actor("x", ActorKind.SERVICE, "x", "x"), frozenset({Scope.PROMPTS_READ}), (Grant("a"), Grant("b")))
    async with new_registry(mongodb_url) as deps:
        for name in ("a/1", "ab/1", "b/1", "c/1"):
            await create_prompt(deps, LOCAL_ACCESS, draft(name))
        assert [one.prompt.name async for one in export_prompts(deps, LOCAL_ACCESS, "a/")] == ["a/1"]
        assert [one.prompt.name async for one in export_prompts(deps, reader)] == ["a/1", "b/1"]
        assert [one.prompt.name async for one in export_prompts(deps, reader, "c")] == []
        with pytest.raises(InvalidInputError):
            await anext(export_prompts(deps, LOCAL_ACCESS, "a//b"))
        with pytest.raises(UnauthenticatedError):
            await anext(export_prompts(deps, ANONYMOUS))
