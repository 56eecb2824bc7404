"""Histories: gapless, without a lost update and without a double one."""

import asyncio
from datetime import timedelta

import pytest

from graph.domain.errors import NotFoundError, VersionConflictError
from graph.domain.paging import PageRequest
from graph.domain.prompts import PromptById, PromptVersion, VersionRef
from graph.domain.templates import Content, TextTemplate
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, get_prompt
from graph.operations.versions import Appended, append_version, compare_versions, get_versions, list_versions
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
WRITERS = 16


async def test_equal_content_is_no_new_version(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="Same"))
    before = await records.snapshot()
    for expected in (1, 0, 7):
        again = await append_version(deps, ADA, prompt.id, expected, text_version("Same"))
        assert (again.is_new, again.version.number, again.prompt) == (False, 1, prompt)
    assert await records.snapshot() == before


async def test_older_content_is_a_new_version(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="First"))
    await append_version(deps, ADA, prompt.id, 1, text_version("Second"))
    back = await append_version(deps, ADA, prompt.id, 2, text_version("First"))
    first = (await get_versions(deps, [VersionRef(prompt.id, 1)]))[VersionRef(prompt.id, 1)]
    assert (back.is_new, back.version.number, back.version.digest) == (True, 3, first.digest)


async def test_a_retry_answers_as_the_first_try_did(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="First"))
    first = await append_version(deps, ADA, prompt.id, 1, text_version("Second"))
    retry = await append_version(deps, ADA, prompt.id, 1, text_version("Second"))
    assert (retry.version, retry.is_new) == (first.version, False)


async def test_of_sixteen_writers_with_the_same_expectation_one_wins(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    attempts = [append_version(deps, ADA, prompt.id, 1, text_version(f"By {writer}")) for writer in range(WRITERS)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    (winner,) = [result for result in results if isinstance(result, Appended)]
    conflicts = [result for result in results if isinstance(result, VersionConflictError)]
    assert len(conflicts) == WRITERS - 1
    assert {conflict.latest for conflict in conflicts} == {winner.version}
    assert [event["kind"] for event in await records.events(prompt.id)] == ["created", "version_created"]
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held == winner.prompt


async def test_of_sixteen_writers_of_the_same_content_one_makes_it(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    attempts = [append_version(deps, ADA, prompt.id, 1, text_version("The same")) for _ in range(WRITERS)]
    results = await asyncio.gather(*attempts)
    assert sorted(result.is_new for result in results) == [False] * (WRITERS - 1) + [True]
    assert {result.version.number for result in results} == {2}
    assert len(await records.events(prompt.id)) == 2


async def test_writers_that_try_again_lose_nothing_and_leave_no_gap(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())

    async def insist(text: str) -> None:
        expected = 1
        while True:
            try:
                await append_version(deps, ADA, prompt.id, expected, text_version(text))
            except VersionConflictError as conflict:
                expected = conflict.latest.number
            else:
                return

    texts = {f"By {writer}" for writer in range(WRITERS)}
    await asyncio.gather(*map(insist, texts))
    refs = [VersionRef(prompt.id, number) for number in range(1, WRITERS + 2)]
    versions = await get_versions(deps, [*refs, VersionRef(prompt.id, WRITERS + 2)])
    assert set(versions) == set(refs)
    assert {getattr(version.template, "text", "") for version in versions.values()} - {"Dear {{customer}},"} == texts
    assert [event["rev"] for event in await records.events(prompt.id)] == list(range(1, WRITERS + 2))


async def test_a_prompt_that_is_not_there_is_not_found(deps: Deps, records: Records) -> None:
    with pytest.raises(NotFoundError) as refused:
        await append_version(deps, ADA, "nobody", 0, text_version("x"))
    assert refused.value.path == ("promptId",)
    assert await records.count("prompts") == 0


async def test_versions_are_listed_newest_first_both_ways(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    for number in range(1, 6):
        prompt = (await append_version(deps, ADA, prompt.id, number, text_version(f"{number}"))).prompt
    first = list_versions(prompt, PageRequest(2))
    after = list_versions(prompt, PageRequest(9, after=(5,)))
    last = list_versions(prompt, PageRequest(2, backward=True))
    between = list_versions(prompt, PageRequest(2, before=(1,), backward=True))
    assert [[ref.number for ref in page.items] for page in (first, after, last, between)] == [
        *([6, 5], [4, 3, 2, 1], [2, 1], [3, 2])
    ]
    assert [(page.has_next, page.has_previous) for page in (first, after, last, between)] == [
        *((True, False), (False, True), (False, True), (True, True))
    ]


async def test_two_versions_are_compared(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="Dear {{customer}},"))
    newer = (await append_version(deps, ADA, prompt.id, 1, text_version("Dear {{friend}},"))).version
    older = (await get_versions(deps, [VersionRef(prompt.id, 1)]))[VersionRef(prompt.id, 1)]
    changes = await compare_versions(deps, ADA, older, newer)
    assert [variable.name for variable in changes.added] == ["friend"]
    assert [variable.name for variable in changes.removed] == ["customer"]
    assert changes.is_breaking


async def test_a_version_older_than_its_prompt_does_not_make_the_prompt_older(deps: Deps) -> None:
    made = await create_prompt(deps, caller(), draft())
    content = Content(TextTemplate("from another registry"))
    then = made.created_at - timedelta(days=365)
    past = PromptVersion(made.id, 2, content, content.digest(), None, then, None)
    appended = await deps.store.versions.append(caller(), past, deps.signature(caller()))
    assert appended is not None
    assert (appended.latest, appended.updated_at) == (2, made.updated_at)
