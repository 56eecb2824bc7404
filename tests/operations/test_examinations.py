"""Content checks on every road that makes a version, and what follows from a finding."""

from dataclasses import replace
from typing import Any

import pytest

from graph.checks.examiner import CHECKER
from graph.domain.errors import InvalidInputError
from graph.domain.findings import Examination, FindingKind, Reaction, Reactions
from graph.domain.prompts import PromptByName, PromptVersion, VersionDraft, VersionRef
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, TextTemplate, Variable
from graph.exchange.entries import Snapshot
from graph.operations.deps import Deps
from graph.operations.examinations import findings_of
from graph.operations.import_results import Fate
from graph.operations.imports import import_entries
from graph.operations.prompts import create_prompt, fork_prompt
from graph.operations.publishing import publish
from graph.operations.rendering import preview_version, render_prompt
from graph.operations.versions import append_version, get_versions
from tests.checks.tokens import GITHUB
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
LEAK = f"Dear {{{{customer}}}},\nuse {GITHUB}"
REFUSING = Reactions(secret=Reaction.REFUSE)
REDACTING = Reactions(secret=Reaction.REDACT)


async def read(deps: Deps, prompt_id: str, number: int = 1) -> PromptVersion:
    ref = VersionRef(prompt_id, number)
    return (await get_versions(deps, [ref]))[ref]


def told(version: PromptVersion) -> list[tuple[str, int, int]]:
    assert version.examination is not None
    return [(one.rule, one.line, one.column) for one in version.examination.findings]


async def test_what_is_found_is_kept_with_each_version_and_its_text_is_not_changed(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    appended = await append_version(deps, ADA, prompt.id, 1, text_version(f"{LEAK} twice {GITHUB}"))
    fork = await fork_prompt(deps, ADA, VersionRef(prompt.id, 1), "mine/fork")
    published = await publish(deps, ADA, "mine/other", text_version(LEAK))
    assert told(await read(deps, prompt.id)) == [("github-token", 2, 5)]
    assert (
        told(appended.version)
        == told(await read(deps, prompt.id, 2))
        == [("github-token", 2, 5), ("github-token", 2, 52)]
    )
    assert told(await read(deps, fork.id)) == told(published.version) == [("github-token", 2, 5)]
    assert (await read(deps, prompt.id)).template == TextTemplate(LEAK)


async def test_a_finding_is_no_part_of_the_content(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    version = await read(deps, prompt.id)
    assert version.digest == version.content.digest()


async def test_a_version_from_before_the_rules_is_examined_when_it_is_read(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    prompts = deps.store.database.collection("prompts")
    await prompts.update_one({"_id": prompt.id}, {"$unset": {"versions.0.checks": ""}})
    version = await read(deps, prompt.id)
    assert version.examination is None
    assert [one.rule for one in findings_of(deps, version)] == ["github-token"]


async def test_what_older_rules_found_gives_way_to_what_todays_find(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    version = await read(deps, prompt.id)
    older = replace(version, examination=Examination(CHECKER - 1, ()))
    newer = replace(version, examination=Examination(CHECKER, ()))
    assert [one.rule for one in findings_of(deps, older)] == ["github-token"]
    assert findings_of(deps, newer) == ()


CHAT = ChatTemplate((ChatMessage(ChatRole.SYSTEM, "{{b}} {{a}}"), ChatMessage(ChatRole.USER, GITHUB)))
DECLARED = (Variable("a", default_value=f'"{GITHUB}"'), Variable("b"))


@pytest.mark.parametrize(
    ("version", "path"),
    [
        (text_version(LEAK), ("template", "text")),
        (VersionDraft(CHAT), ("template", "chat", "1", "message", "content")),
        (VersionDraft(TextTemplate("{{b}} {{a}}"), DECLARED), ("variables", "0", "defaultValue")),
        (VersionDraft(TextTemplate("Hi"), change_note=f"With {GITHUB}"), ("changeNote",)),
    ],
)
async def test_what_is_refused_is_told_with_its_place_and_not_what_it_is(
    deps: Deps, records: Records, version: VersionDraft, path: tuple[str, ...]
) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    before = await records.snapshot()
    strict = replace(deps, reactions=REFUSING)
    for attempt in (
        create_prompt(strict, ADA, replace(draft("new"), version=version)),
        append_version(strict, ADA, prompt.id, 1, version),
        publish(strict, ADA, "mine/other", version),
    ):
        with pytest.raises(InvalidInputError, match=r"line 1|line 2") as refused:
            await attempt
        assert refused.value.path == path
        assert GITHUB[4:12] not in refused.value.message
    assert await records.snapshot() == before


async def test_a_fork_of_what_is_refused_is_refused_as_a_choice(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    with pytest.raises(InvalidInputError) as refused:
        await fork_prompt(replace(deps, reactions=REFUSING), ADA, VersionRef(prompt.id, 1), "mine")
    assert refused.value.path == ("versionId",)


async def test_only_the_kinds_that_are_refused_are(deps: Deps) -> None:
    strict = replace(deps, reactions=Reactions(personal_data=Reaction.REFUSE))
    prompt = await create_prompt(strict, ADA, draft(text=LEAK))
    with pytest.raises(InvalidInputError, match="personal data"):
        await append_version(strict, ADA, prompt.id, 1, text_version("ada@lovelace.org"))


@pytest.mark.parametrize(("reactions", "fate"), [(Reactions(), Fate.CREATED), (REFUSING, Fate.REFUSED)])
async def test_an_import_tells_line_by_line(deps: Deps, reactions: Reactions, fate: Fate) -> None:
    entries = [Snapshot(f"line {line}", draft(f"p{line}", text)) for line, text in ((2, "Hi"), (3, LEAK))]
    outcomes = [one async for one in import_entries(replace(deps, reactions=reactions), caller("ada"), entries)]
    assert [one.fate for one in outcomes] == [Fate.CREATED, fate]
    assert outcomes[0].notes == ()
    (note,) = outcomes[1].notes
    assert "github-token" in note
    assert "line 2, column 5" in note


async def test_a_preview_covers_what_is_redacted_and_says_so(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    version = await read(deps, prompt.id)
    preview = await preview_version(replace(deps, reactions=REDACTING), ADA, version, {"customer": GITHUB})
    assert preview.rendered.content == f"Dear {GITHUB},\nuse [redacted: secret]"
    assert [one.kind for one in preview.redactions] == [FindingKind.SECRET]
    plain = await preview_version(deps, ADA, version, {"customer": "Bo"})
    assert (plain.rendered.content, plain.redactions) == (f"Dear Bo,\nuse {GITHUB}", ())


@pytest.mark.parametrize(
    ("values", "content", "redactions"), [({}, "Key [redacted: secret]", 1), ({"key": "k"}, "Key k", 0)]
)
async def test_a_default_is_covered_where_it_is_used(
    deps: Deps, values: dict[str, Any], content: str, redactions: int
) -> None:
    version = VersionDraft(TextTemplate("Key {{key}}"), (Variable("key", default_value=f'"{GITHUB}"'),))
    prompt = await create_prompt(deps, ADA, replace(draft(), version=version))
    preview = await preview_version(replace(deps, reactions=REDACTING), ADA, await read(deps, prompt.id), values)
    assert (preview.rendered.content, len(preview.redactions)) == (content, redactions)


async def test_what_is_not_shown_hides_nothing_that_is(deps: Deps) -> None:
    variables = (
        Variable("a", default_value=f'"{GITHUB}"'),
        Variable("b", description=GITHUB, default_value=f'"{GITHUB}"'),
    )
    prompt = await create_prompt(
        deps, ADA, replace(draft(), version=VersionDraft(TextTemplate("{{a}} {{b}}"), variables))
    )
    told_once = replace(deps, reactions=REDACTING, limits=replace(deps.limits, findings=1))
    preview = await preview_version(told_once, ADA, await read(deps, prompt.id), {"a": "x"})
    assert preview.rendered.content == "x [redacted: secret]"
    assert [one.path for one in preview.redactions] == [("variables", "1", "defaultValue")]


async def test_a_rendering_is_never_changed(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft(text=LEAK))
    done = await render_prompt(replace(deps, reactions=REDACTING), ADA, PromptByName(prompt.name), {"customer": "Bo"})
    assert done.rendered.content == f"Dear Bo,\nuse {GITHUB}"


async def test_what_a_preview_includes_is_covered_as_well(deps: Deps) -> None:
    await create_prompt(deps, ADA, draft("parts/key", f"use {GITHUB}"))
    prompt = await create_prompt(deps, ADA, draft("whole", "Please {{> parts/key}}"))
    preview = await preview_version(replace(deps, reactions=REDACTING), ADA, await read(deps, prompt.id), {})
    assert preview.rendered.content == "Please use [redacted: secret]"
    assert [one.rule for one in preview.redactions] == ["github-token"]
