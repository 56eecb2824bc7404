"""Rendering as an operation: which version it takes, and that it is counted."""

import pytest

from graph.domain.errors import InvalidInputError, InvalidVariableError, MissingVariablesError, NotFoundError
from graph.domain.prompts import PromptById, PromptByName, VersionByLabel, VersionByNumber, VersionRef
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt, get_prompt
from graph.operations.rendering import preview_version, render_prompt
from graph.operations.versions import append_version, get_versions
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
NAME = PromptByName("support/refund-reply")


async def test_a_label_that_moved_is_followed_at_once(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="One"))
    await append_version(deps, ADA, prompt.id, 1, text_version("Two"))
    for number, text in ((1, "One"), (2, "Two"), (1, "One")):
        await set_label(deps, ADA, prompt.id, "production", VersionByNumber(number))
        done = await render_prompt(deps, ADA, NAME, {}, VersionByLabel("production"))
        assert (done.rendered.content, done.version.number) == (text, number)
    assert (await render_prompt(deps, ADA, NAME, {})).rendered.content == "Two"


async def test_renderings_are_counted_by_version_when_they_are_flushed(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft(text="One"))
    await append_version(deps, ADA, prompt.id, 1, text_version("Two"))
    for number in (1, 2, 2):
        await render_prompt(deps, ADA, NAME, {}, VersionByNumber(number))
    assert await records.count("renders") == 0
    await deps.store.renders.flush()
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    assert (held.usage_count, held.revision) == (3, 2)


async def test_a_preview_tells_what_is_missing_and_is_not_counted(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    ref = VersionRef(prompt.id, 1)
    rendered = (await preview_version(deps, ADA, (await get_versions(deps, [ref]))[ref], {"other": 1})).rendered
    assert ([variable.name for variable in rendered.missing], rendered.unused) == (["customer"], ("other",))
    await deps.store.renders.flush()
    assert await records.count("renders") == 0


async def test_what_cannot_be_rendered_is_told_and_not_counted(deps: Deps, records: Records) -> None:
    await create_prompt(deps, ADA, draft())
    with pytest.raises(MissingVariablesError):
        await render_prompt(deps, ADA, NAME, {})
    with pytest.raises(InvalidVariableError):
        await render_prompt(deps, ADA, NAME, {"customer": 5})
    with pytest.raises(InvalidInputError):
        await render_prompt(deps, ADA, NAME, {"customer": "x" * deps.limits.rendered_bytes})
    with pytest.raises(NotFoundError):
        await render_prompt(deps, ADA, PromptByName("nobody"), {})
    with pytest.raises(NotFoundError):
        await render_prompt(deps, ADA, NAME, {}, VersionByNumber(2))
    await deps.store.renders.flush()
    assert await records.count("renders") == 0
