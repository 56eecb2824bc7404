"""The life of a prompt, and that each change has exactly one event."""

from typing import Any

import pytest

from graph.domain.errors import (
    InvalidInputError,
    NameTakenError,
    NotFoundError,
    PromptArchivedError,
    RevisionConflictError,
)
from graph.domain.json_values import compact_json
from graph.domain.patches import UNSET, PromptPatch
from graph.domain.prompts import PromptById, PromptByName, VersionByNumber, VersionRef
from graph.operations.deps import Deps
from graph.operations.feedback import give_feedback
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import (
    archive_prompt,
    create_prompt,
    delete_prompt,
    fork_prompt,
    get_prompt,
    unarchive_prompt,
    update_prompt,
)
from graph.operations.ratings import rate_prompt, unrate_prompt
from graph.operations.rendering import render_prompt
from graph.operations.versions import append_version, get_versions
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
BOB = caller("bob")


async def test_what_was_created_is_read_again(deps: Deps) -> None:
    made = await create_prompt(deps, ADA, draft(tags=("b", "a"), metadata={"$set": {"a.b": 1}}, category="c"))
    assert await get_prompt(deps, BOB, PromptById(made.id)) == made
    assert await get_prompt(deps, BOB, PromptByName(made.name)) == made
    assert (made.author_id, made.revision, made.latest) == (ADA.actor_id, 1, 1)


async def test_every_change_has_exactly_one_event_and_the_next_revision(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    await update_prompt(deps, ADA, prompt.id, PromptPatch(title="New", tags=("x",)))
    await append_version(deps, ADA, prompt.id, 1, text_version("Second"))
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(1))
    await set_label(deps, BOB, prompt.id, "staging", VersionByNumber(2))
    await rate_prompt(deps, BOB, prompt.id, 3)
    await unrate_prompt(deps, BOB, prompt.id)
    await remove_label(deps, ADA, prompt.id, "staging")
    await archive_prompt(deps, ADA, prompt.id)
    await unarchive_prompt(deps, ADA, prompt.id)
    gone = await delete_prompt(deps, ADA, prompt.id, prompt.name)
    events = await records.events(prompt.id)
    assert [event["kind"] for event in events] == [
        *("created", "updated", "version_created", "label_set", "label_set", "rated", "unrated"),
        *("label_removed", "archived", "unarchived", "deleted"),
    ]
    assert [event["rev"] for event in events] == list(range(1, len(events) + 1))
    assert gone.revision == len(events)
    assert [event["actor"] for event in events if event["actor"] == BOB.actor_id] == [BOB.actor_id] * 3


async def test_an_event_tells_before_and_after(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft(tags=("old",)))
    await update_prompt(deps, ADA, prompt.id, PromptPatch(tags=("new",), description="Long"))
    created, updated = await records.events(prompt.id)
    assert created["before"] is None
    assert (updated["before"]["tags"], updated["after"]["tags"]) == (["old"], ["new"])
    assert updated["change"] == {"tags": {"from": ["old"], "to": ["new"]}, "description": {}}


async def test_deeds_that_change_nothing_write_nothing(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft(category="c"))
    before = await records.snapshot()
    assert await update_prompt(deps, BOB, prompt.id, PromptPatch()) == prompt
    assert await update_prompt(deps, BOB, prompt.id, PromptPatch(category="c", title=None, tags=None)) == prompt
    assert await unarchive_prompt(deps, BOB, prompt.id) == prompt
    assert await remove_label(deps, BOB, prompt.id, "nowhere") == prompt
    assert (await unrate_prompt(deps, BOB, prompt.id)).prompt == prompt
    assert await records.snapshot() == before


async def test_a_patch_changes_what_it_names(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(title="Title", description="d", category="c"))
    changed = await update_prompt(deps, BOB, prompt.id, PromptPatch(title=None, description=UNSET, category=None))
    assert (changed.title, changed.description, changed.category) == ("refund-reply", "d", None)
    assert changed.updated_at >= prompt.updated_at
    assert changed.revision == 2


async def test_of_two_who_expect_the_same_revision_one_wins(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    await update_prompt(deps, ADA, prompt.id, PromptPatch(title="First"), expected_revision=1)
    with pytest.raises(RevisionConflictError) as refused:
        await update_prompt(deps, BOB, prompt.id, PromptPatch(title="Second"), expected_revision=1)
    assert (refused.value.prompt.title, refused.value.prompt.revision) == ("First", 2)
    assert refused.value.path == ("expectedRevision",)


async def test_an_archived_prompt_is_read_and_rendered_but_not_changed(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(1))
    archived = await archive_prompt(deps, ADA, prompt.id)
    before = await records.snapshot()
    for change in (
        update_prompt(deps, ADA, prompt.id, PromptPatch(title="New")),
        append_version(deps, ADA, prompt.id, 1, text_version("New")),
        append_version(deps, ADA, prompt.id, 1, text_version("Dear {{customer}},")),
        set_label(deps, ADA, prompt.id, "other", VersionByNumber(1)),
        remove_label(deps, ADA, prompt.id, "staging"),
        rate_prompt(deps, ADA, prompt.id, 5),
    ):
        with pytest.raises(PromptArchivedError) as refused:
            await change
        assert refused.value.archived_at == archived.archived_at
    assert await records.snapshot() == before
    assert (await render_prompt(deps, ADA, PromptById(prompt.id), {"customer": "Ada"})).rendered.content == "Dear Ada,"
    assert (await fork_prompt(deps, ADA, VersionRef(prompt.id, 1), "fork")).archived_at is None


async def test_a_removed_prompt_leaves_only_its_events(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    for number in range(1, deps.limits.embedded_versions + 2):  # so that some are archived
        await append_version(deps, ADA, prompt.id, number, text_version(f"Version {number + 1}"))
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(1))
    await rate_prompt(deps, ADA, prompt.id, 5)
    rendering = await render_prompt(deps, ADA, PromptById(prompt.id), {})
    await give_feedback(deps, ADA, rendering.render_id, 1)
    await deps.store.renders.flush()
    full = await records.snapshot()
    assert {name for name, documents in full.items() if not documents} == {"api_keys"}, "all else has what to remove"
    with pytest.raises(InvalidInputError):
        await delete_prompt(deps, ADA, prompt.id, "another")
    assert await records.snapshot() == full
    await render_prompt(deps, ADA, PromptById(prompt.id), {})  # it is counted, and not written yet
    await delete_prompt(deps, ADA, prompt.id, prompt.name)
    await deps.store.renders.flush()
    left = await records.snapshot()
    assert {name for name, documents in left.items() if documents} == {"events"}
    assert left["events"][0]["kind"] == "created"
    assert await get_prompt(deps, ADA, PromptByName(prompt.name)) is None
    with pytest.raises(NotFoundError):
        await delete_prompt(deps, ADA, prompt.id, prompt.name)


async def test_a_fork_remembers_where_it_comes_from(deps: Deps) -> None:
    source = await create_prompt(deps, ADA, draft(title="Refund", tags=("money",), metadata={"a.b": 1}))
    second = (await append_version(deps, ADA, source.id, 1, text_version("Second {{x}}"))).version
    await set_label(deps, ADA, source.id, "staging", VersionByNumber(2))
    fork = await fork_prompt(deps, BOB, second.ref, "mine/refund")
    again = await fork_prompt(deps, BOB, VersionRef(fork.id, 1), "mine/refund-2")
    (copied,) = (await get_versions(deps, [VersionRef(again.id, 1)])).values()
    assert (fork.forked_from, again.forked_from) == (second.ref, VersionRef(fork.id, 1))
    assert (copied.content, copied.digest) == (second.content, second.digest)
    assert (fork.title, fork.tags, fork.metadata, fork.labels) == ("Refund", ("money",), {"a.b": 1}, {})
    assert (fork.author_id, fork.latest, fork.rating.count) == (BOB.actor_id, 1, 0)


async def test_a_fork_outlives_what_it_was_forked_from(deps: Deps) -> None:
    source = await create_prompt(deps, ADA, draft())
    fork = await fork_prompt(deps, ADA, VersionRef(source.id, 1), "fork")
    await delete_prompt(deps, ADA, source.id, source.name)
    assert await get_prompt(deps, ADA, PromptById(fork.id)) == fork


async def test_a_name_is_one_prompts_until_it_is_removed(deps: Deps, records: Records) -> None:
    first = await create_prompt(deps, ADA, draft())
    await archive_prompt(deps, ADA, first.id)
    for attempt in (create_prompt(deps, BOB, draft()), fork_prompt(deps, BOB, VersionRef(first.id, 1), first.name)):
        with pytest.raises(NameTakenError):
            await attempt
    assert await records.count("events") == 2
    await delete_prompt(deps, ADA, first.id, first.name)
    assert (await create_prompt(deps, BOB, draft())).id != first.id


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (True, 1), ({"a": 1, "b": 2}, {"b": 2, "a": 1})])
async def test_metadata_that_python_calls_equal_and_json_does_not_is_a_change(
    deps: Deps, records: Records, old: Any, new: Any
) -> None:
    made = await create_prompt(deps, caller(), draft(metadata={"x": old}))
    changed = await update_prompt(deps, caller(), made.id, PromptPatch(metadata={"x": new}))
    assert changed.revision == 2
    read = await get_prompt(deps, caller(), PromptById(made.id))
    assert read is not None
    assert compact_json(read.metadata) == compact_json({"x": new})
    assert (await records.events(made.id))[-1]["change"] == {"metadata": {}}
