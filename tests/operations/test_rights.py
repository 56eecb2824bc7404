"""Who may do what: scopes, folder grants, visibility and callers without a key."""

from collections.abc import Awaitable, Callable

import pytest

from graph.domain.actors import ANONYMOUS, Access, Grant, Scope
from graph.domain.denials import FolderForbiddenError, ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.patches import PromptPatch
from graph.domain.prompts import PromptById, PromptByName, VersionByNumber, VersionRef, Visibility
from graph.domain.queries import PromptFilter
from graph.operations.deps import Deps
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import (
    archive_prompt,
    count_prompts,
    create_prompt,
    delete_prompt,
    fork_prompt,
    get_prompt,
    get_prompts,
    unarchive_prompt,
    update_prompt,
)
from graph.operations.ratings import rate_prompt, unrate_prompt
from graph.operations.rendering import render_prompt
from graph.operations.versions import append_version
from tests.fixtures import Records, caller, draft, text_version

OWNER = caller("owner")
NAME = "support/refund-reply"
READER = caller("reader", grants=(Grant("support"),))
WRITER = caller("writer", grants=(Grant("support", can_write=True),))
STRANGER = caller("stranger", grants=(Grant("sales", can_write=True),))
NEIGHBOUR = caller("neighbour", grants=(Grant("supp", can_write=True), Grant("support/refund-reply", can_write=True)))
PUBLIC_READER = Access(actor=None, reads_public=True)
KEY_THAT_READS_PUBLIC = Access(STRANGER.actor, STRANGER.scopes, STRANGER.grants, reads_public=True)

Deed = Callable[[Deps, Access, str], Awaitable[object]]

WRITES: dict[str, Deed] = {
    "update": lambda deps, access, id: update_prompt(deps, access, id, PromptPatch(category="x")),
    "archive": archive_prompt,
    "unarchive": unarchive_prompt,
    "delete": lambda deps, access, id: delete_prompt(deps, access, id, NAME),
    "append": lambda deps, access, id: append_version(deps, access, id, 1, text_version("New")),
    "append what is there": lambda deps, access, id: append_version(
        deps, access, id, 1, text_version("Dear {{customer}},")
    ),
    "set label": lambda deps, access, id: set_label(deps, access, id, "staging", VersionByNumber(1)),
    "remove label": lambda deps, access, id: remove_label(deps, access, id, "staging"),
}
TOUCHES: dict[str, Deed] = {
    "rate": lambda deps, access, id: rate_prompt(deps, access, id, 5),
    "unrate": unrate_prompt,
    "render": lambda deps, access, id: render_prompt(deps, access, PromptById(id), {"customer": "Ada"}),
    "fork": lambda deps, access, id: fork_prompt(deps, access, VersionRef(id, 1), f"{access.grants[0].folder}/fork"),
}
every_write = pytest.mark.parametrize("deed", WRITES.values(), ids=WRITES)
every_touch = pytest.mark.parametrize("deed", [deed for name, deed in TOUCHES.items() if name != "fork"])
every_deed = pytest.mark.parametrize("deed", [*WRITES.values(), *TOUCHES.values()], ids=[*WRITES, *TOUCHES])


@every_write
async def test_a_grant_to_write_covers_the_folder(deps: Deps, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    await deed(deps, WRITER, prompt.id)


@every_write
async def test_a_grant_to_read_is_none_to_write(deps: Deps, records: Records, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    before = await records.snapshot()
    with pytest.raises(FolderForbiddenError):
        await deed(deps, READER, prompt.id)
    assert await records.snapshot() == before


@every_deed
async def test_what_may_not_be_seen_is_not_found(deps: Deps, records: Records, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    before = await records.snapshot()
    for access in (STRANGER, NEIGHBOUR, caller("nobody", grants=())):
        if access.grants or deed is not TOUCHES["fork"]:
            with pytest.raises(NotFoundError):
                await deed(deps, access, prompt.id)
    assert await records.snapshot() == before


@every_touch
async def test_who_may_read_may_rate_and_render(deps: Deps, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    await deed(deps, READER, prompt.id)


@every_touch
async def test_a_public_prompt_is_rated_and_rendered_by_a_key_of_another_folder(deps: Deps, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME, visibility=Visibility.PUBLIC))
    await deed(deps, KEY_THAT_READS_PUBLIC, prompt.id)


@every_write
async def test_a_public_prompt_is_not_written_by_those_who_only_see_it(deps: Deps, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME, visibility=Visibility.PUBLIC))
    with pytest.raises(FolderForbiddenError):
        await deed(deps, KEY_THAT_READS_PUBLIC, prompt.id)


async def test_a_prompt_is_made_only_where_the_caller_may_write(deps: Deps, records: Records) -> None:
    for access in (READER, STRANGER, NEIGHBOUR, caller("nobody", grants=())):
        with pytest.raises(FolderForbiddenError):
            await create_prompt(deps, access, draft(NAME))
    assert await records.count("prompts") == 0
    await create_prompt(deps, WRITER, draft(NAME))


async def test_a_fork_goes_only_where_the_caller_may_write(deps: Deps) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    both = caller("both", grants=(Grant("support"), Grant("mine", can_write=True)))
    with pytest.raises(FolderForbiddenError):
        await fork_prompt(deps, both, VersionRef(prompt.id, 1), "support/fork")
    assert (await fork_prompt(deps, both, VersionRef(prompt.id, 1), "mine/fork")).name == "mine/fork"


async def test_a_bad_name_is_told_before_the_folder(deps: Deps) -> None:
    with pytest.raises(InvalidInputError):
        await create_prompt(deps, READER, draft("a//b"))


async def test_a_key_without_the_scope_to_read_sees_nothing(deps: Deps) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    blind = caller("blind", set(Scope) - {Scope.PROMPTS_READ})
    assert await get_prompt(deps, blind, PromptById(prompt.id)) is None
    with pytest.raises(NotFoundError):
        await update_prompt(deps, blind, prompt.id, PromptPatch(category="x"))


@every_write
async def test_an_anonymous_caller_writes_nothing_even_where_all_is_public(deps: Deps, deed: Deed) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME, visibility=Visibility.PUBLIC))
    for access in (ANONYMOUS, PUBLIC_READER):
        with pytest.raises(UnauthenticatedError):
            await deed(deps, access, prompt.id)


@pytest.mark.parametrize(
    ("access", "seen"),
    [
        (OWNER, {"support/public", "support/private", "sales/private"}),
        (READER, {"support/public", "support/private"}),
        (STRANGER, {"sales/private"}),
        (KEY_THAT_READS_PUBLIC, {"sales/private", "support/public"}),
        (PUBLIC_READER, {"support/public"}),
        (ANONYMOUS, set()),
        (caller("nobody", grants=()), set()),
    ],
    ids=["owner", "reader", "stranger", "key that reads public", "anonymous on an open server", "anonymous", "nobody"],
)
async def test_everyone_sees_the_same_by_every_road(deps: Deps, access: Access, seen: set[str]) -> None:
    made = [
        await create_prompt(deps, OWNER, draft("support/public", visibility=Visibility.PUBLIC)),
        await create_prompt(deps, OWNER, draft("support/private")),
        await create_prompt(deps, OWNER, draft("sales/private")),
    ]
    by_id = [await get_prompt(deps, access, PromptById(prompt.id)) for prompt in made]
    by_name = [await get_prompt(deps, access, PromptByName(prompt.name)) for prompt in made]
    at_once = await get_prompts(deps, access, [prompt.id for prompt in made])
    assert {prompt.name for prompt in by_id if prompt} == seen
    assert {prompt.name for prompt in by_name if prompt} == seen
    assert {prompt.name for prompt in at_once.values()} == seen
    assert await count_prompts(deps, access, PromptFilter()) == len(seen)


async def test_a_missing_scope_is_named(deps: Deps) -> None:
    prompt = await create_prompt(deps, OWNER, draft(NAME))
    needs = {
        "update": Scope.PROMPTS_WRITE,
        "append": Scope.PROMPTS_WRITE,
        "set label": Scope.LABELS_WRITE,
        "rate": Scope.RATINGS_WRITE,
        "render": Scope.RENDER,
    }
    for name, scope in needs.items():
        with pytest.raises(ForbiddenError) as refused:
            await (WRITES | TOUCHES)[name](deps, caller("less", set(Scope) - {scope}), prompt.id)
        assert refused.value.scope == scope
