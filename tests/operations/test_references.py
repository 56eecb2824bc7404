"""References as operations know them: what is written, what is rendered, and what goes wrong later."""

from dataclasses import replace

import pytest

from graph.domain.actors import Access, Grant
from graph.domain.errors import BrokenReferenceError, MissingVariablesError, StillIncludedError
from graph.domain.paging import PageRequest
from graph.domain.prompts import Prompt, PromptByName, PromptDraft, VersionByNumber, VersionDraft, VersionRef
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, VariableType
from graph.operations.deps import Deps
from graph.operations.labels import remove_label, set_label
from graph.operations.prompts import (
    BY_NAME,
    archive_prompt,
    count_prompts,
    create_prompt,
    delete_prompt,
    included_by,
    list_prompts,
)
from graph.operations.references import find_meanings
from graph.operations.rendering import Preview, preview_version, render_prompt
from graph.operations.versions import append_version, compare_versions, get_expanded, get_versions
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")


async def make(deps: Deps, name: str, text: str, access: Access = ADA) -> Prompt:
    return await create_prompt(deps, access, draft(name, text))


async def render(deps: Deps, name: str, access: Access = ADA, **values: str) -> object:
    return (await render_prompt(deps, access, PromptByName(name), values)).rendered.content


async def preview(deps: Deps, prompt: Prompt, number: int = 1, access: Access = ADA, **values: str) -> Preview:
    ref = VersionRef(prompt.id, number)
    return await preview_version(deps, access, (await get_versions(deps, [ref]))[ref], values)


async def refused(deps: Deps, text: str, name: str = "letter") -> BrokenReferenceError:
    with pytest.raises(BrokenReferenceError) as raised:
        await make(deps, name, text)
    assert raised.value.path == ("template", "text")
    return raised.value


async def test_a_prompt_is_included_by_name_label_number_and_digest(deps: Deps) -> None:
    policy = await make(deps, "shared/policy", "One")
    await append_version(deps, ADA, policy.id, 1, text_version("Two"))
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(1))
    digest = (await get_versions(deps, [VersionRef(policy.id, 1)]))[VersionRef(policy.id, 1)].digest[:12]
    meant = {"": "Two", "@calm": "One", "@1": "One", "@latest": "Two", f"@sha256:{digest}": "One"}
    for number, (selector, text) in enumerate(meant.items()):
        await make(deps, f"letter {number}", f"<{{{{> shared/policy{selector} }}}}>")
        assert await render(deps, f"letter {number}") == f"<{text}>"


async def test_values_fill_included_texts_in_the_same_pass_and_are_never_read_for_references(deps: Deps) -> None:
    await make(deps, "b", "{{a}}")
    await make(deps, "letter", "{{a}} {{> b}} {{c}}")
    assert await render(deps, "letter", a="{{> b}}{{c}}", c="{{a}}") == "{{> b}}{{c}} {{> b}}{{c}} {{a}}"


async def test_what_included_texts_need_is_needed(deps: Deps) -> None:
    await make(deps, "b", "{{name}}")
    letter = await make(deps, "letter", "{{greeting}} {{> b}}")
    with pytest.raises(MissingVariablesError) as raised:
        await render(deps, "letter", greeting="Hi")
    assert [variable.name for variable in raised.value.variables] == ["name"]
    expanded = await get_expanded(deps, ADA, [VersionRef(letter.id, 1)])
    assert [one.name for one in expanded[VersionRef(letter.id, 1)].content.variables] == ["greeting", "name"]


async def test_a_label_that_moves_is_followed_at_once(deps: Deps) -> None:
    policy = await make(deps, "b", "One")
    await append_version(deps, ADA, policy.id, 1, text_version("Two"))
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(1))
    await make(deps, "letter", "{{> b@calm}}")
    assert await render(deps, "letter") == "One"
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(2))
    assert await render(deps, "letter") == "Two"


@pytest.mark.parametrize("selector", ["nothing", "b@nothing", "b@2", "b@sha256:0000"])
async def test_nothing_is_written_that_includes_what_is_not_there(deps: Deps, records: Records, selector: str) -> None:
    await make(deps, "b", "One")
    before = await records.snapshot()
    error = await refused(deps, f"{{{{> {selector}}}}}")
    assert (error.selector, error.code) == (selector, "BROKEN_REFERENCE")
    assert await records.snapshot() == before


async def test_what_is_out_of_sight_is_told_as_what_does_not_exist(deps: Deps) -> None:
    await make(deps, "secret/b", "Hidden")
    limited = caller("bob", grants=(Grant("open", can_write=True),))
    messages = []
    for name in ("secret/b", "secret/c"):
        with pytest.raises(BrokenReferenceError) as raised:
            await make(deps, "open/letter", f"{{{{> {name}}}}}", limited)
        messages.append(raised.value.message.replace(name, "x"))
    assert messages[0] == messages[1]
    letter = await make(deps, "open/letter", "{{> secret/b}}")
    with pytest.raises(BrokenReferenceError):
        await render(deps, "open/letter", limited)
    assert (await preview(deps, letter, access=limited)).rendered.content == "{{> secret/b}}"
    assert await render(deps, "open/letter") == "Hidden"
    assert not await find_meanings(deps, limited, ["secret/b"])


async def test_a_circle_is_refused_with_its_path(deps: Deps) -> None:
    a = await make(deps, "a", "A")
    await make(deps, "b", "{{> a}}")
    await make(deps, "c", "{{> b}}")
    with pytest.raises(BrokenReferenceError, match="circle: a → c → b → a"):
        await append_version(deps, ADA, a.id, 1, text_version("{{> c}}"))
    with pytest.raises(BrokenReferenceError, match="circle: a → a"):
        await append_version(deps, ADA, a.id, 1, text_version("{{> a@1}}"))


async def test_a_circle_that_arises_by_a_label_is_told_when_it_is_rendered(deps: Deps) -> None:
    a = await make(deps, "a", "A")
    await set_label(deps, ADA, a.id, "live", VersionByNumber(1))
    b = await make(deps, "b", "B")
    await set_label(deps, ADA, b.id, "live", VersionByNumber(1))
    await append_version(deps, ADA, a.id, 1, text_version("{{> b@live}}"))
    with pytest.raises(BrokenReferenceError, match="circle: b → a → b"):
        await append_version(deps, ADA, b.id, 1, text_version("{{> a}}"))
    await append_version(deps, ADA, b.id, 1, text_version("{{> a@live}}"))
    await set_label(deps, ADA, b.id, "live", VersionByNumber(2))
    with pytest.raises(BrokenReferenceError, match="circle: a → b → a"):
        await render(deps, "a")
    (fault,) = (await preview(deps, a, 2)).faults
    assert "a → b → a" in fault.message


async def test_references_go_five_levels_down(deps: Deps) -> None:
    await make(deps, "p0", "end")
    for level in range(1, 6):
        await make(deps, f"p{level}", f"{level}{{{{> p{level - 1}}}}}")
    assert await render(deps, "p5") == "54321end"
    assert "5 levels" in (await refused(deps, "{{> p5}}")).message


async def test_a_text_grows_only_so_far_and_is_counted_before_it_is_joined(deps: Deps) -> None:
    await make(deps, "p0", "x" * 1_000)
    for level in range(1, 3):
        await make(deps, f"p{level}", f"{{{{> p{level - 1}}}}}" * 20)
    assert "500000 characters" in (await refused(deps, "{{> p2}}" * 20)).message
    await make(deps, "letter", "{{> p2}}")


async def test_a_version_includes_only_so_many(deps: Deps) -> None:
    for number in range(101):
        await make(deps, f"p{number}", "x")
    await make(deps, "hundred", "".join(f"{{{{> p{number}}}}}" for number in range(100)))
    assert "100 others" in (await refused(deps, "".join(f"{{{{> p{number}}}}}" for number in range(101)))).message


async def test_a_bound_that_is_passed_on_one_level_lets_nothing_more_in_on_the_next(deps: Deps) -> None:
    for name, text in {"a2": "x", "c2": "x", "a1": "{{> a2}}", "c1": "{{> c2}}", "b1": "x"}.items():
        await make(deps, name, text)
    for name in "acb":
        await make(deps, name, f"{{{{> {name}1}}}}")
    letter = await make(deps, "letter", "{{> a}}{{> c}}{{> b}}")
    few = replace(deps, limits=replace(deps.limits, references=5))  # three, two of the next three, and that is all
    seen = await preview(few, letter)
    assert seen.rendered.content == "{{> a}}{{> c}}{{> b}}"
    assert {"5 others" in fault.message for fault in seen.faults} == {True}


async def test_a_chat_includes_texts_and_is_not_included(deps: Deps) -> None:
    await make(deps, "b", "Be {{tone}}.")
    parts = (ChatMessage(ChatRole.SYSTEM, "{{> b}}"), MessagesPlaceholder("history"))
    chat = await create_prompt(deps, ADA, _chat("chat", parts))
    assert chat.latest == 1
    done = await render_prompt(deps, ADA, PromptByName("chat"), {"tone": "kind", "history": []})
    assert done.rendered.content == (ChatMessage(ChatRole.SYSTEM, "Be kind."),)
    assert "is a chat" in (await refused(deps, "{{> chat}}")).message
    with pytest.raises(BrokenReferenceError) as raised:
        await create_prompt(deps, ADA, _chat("other", (*parts[1:], ChatMessage(ChatRole.USER, "{{> gone}}"))))
    assert raised.value.path == ("template", "chat", "1", "message", "content")


async def test_a_name_is_not_both_a_placeholder_and_an_included_variable(deps: Deps) -> None:
    await make(deps, "b", "{{history}}")
    parts = (ChatMessage(ChatRole.SYSTEM, "{{> b}}"), MessagesPlaceholder("history"))
    with pytest.raises(BrokenReferenceError, match="'history' names both"):
        await create_prompt(deps, ADA, _chat("chat", parts))


async def test_what_is_gone_is_an_error_of_rendering_and_told_in_the_preview(deps: Deps) -> None:
    policy = await make(deps, "b", "One")
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(1))
    letter = await make(deps, "letter", "{{a}}\n{{> b@calm}}")
    await remove_label(deps, ADA, policy.id, "calm")
    with pytest.raises(BrokenReferenceError):
        await render(deps, "letter", a="x")
    done = await preview(deps, letter, a="x")
    assert done.rendered.content == "x\n{{> b@calm}}"
    (fault,) = done.faults
    assert (fault.selector, fault.mention.line) == ("b@calm", 2)


async def test_an_archived_prompt_goes_on_in_those_that_include_it_and_comes_into_no_other(deps: Deps) -> None:
    policy = await make(deps, "b", "One")
    await make(deps, "letter", "{{> b}}")
    await archive_prompt(deps, ADA, policy.id)
    assert await render(deps, "letter") == "One"
    assert "archived" in (await refused(deps, "{{> b}}!", "other")).message


async def test_what_changed_counts_what_is_included(deps: Deps) -> None:
    await make(deps, "b", "{{name}}")
    letter = await make(deps, "letter", "Hello")
    await append_version(deps, ADA, letter.id, 1, text_version("Hello {{> b}}"))
    found = await get_versions(deps, [VersionRef(letter.id, number) for number in (1, 2)])
    changes = await compare_versions(deps, ADA, *found.values())
    assert changes.is_breaking
    assert [(one.name, one.type) for one in changes.added] == [("name", VariableType.STRING)]


async def test_an_exact_name_comes_first(deps: Deps) -> None:
    exact = await make(deps, "b@calm", "Exact")
    policy = await make(deps, "b", "One")
    await set_label(deps, ADA, policy.id, "calm", VersionByNumber(1))
    await make(deps, "letter", "{{> b@calm}}")
    assert await render(deps, "letter") == "Exact"
    with pytest.raises(StillIncludedError):
        await delete_prompt(deps, ADA, exact.id, "b@calm")


async def including(deps: Deps, prompt: Prompt, access: Access = ADA) -> list[str]:
    page = await list_prompts(deps, access, included_by(prompt), BY_NAME, PageRequest(10))
    assert await count_prompts(deps, access, included_by(prompt)) == len(page.items)
    return [other.name for other in page.items]


async def test_those_that_include_it_are_told_by_their_newest_and_labelled_versions(deps: Deps) -> None:
    policy = await make(deps, "b", "One")
    letter = await make(deps, "letter", "{{> b}}")
    await make(deps, "secret/letter", "{{> b@1}}")
    await make(deps, "other", "b")
    assert await including(deps, policy) == ["letter", "secret/letter"]
    assert await including(deps, policy, caller(grants=(Grant("secret"),))) == ["secret/letter"]
    await append_version(deps, ADA, letter.id, 1, text_version("Nothing"))
    assert await including(deps, policy) == ["secret/letter"]
    await set_label(deps, ADA, letter.id, "old", VersionByNumber(1))
    assert await including(deps, policy) == ["letter", "secret/letter"]
    await set_label(deps, ADA, letter.id, "old", VersionByNumber(2))
    assert await including(deps, policy) == ["secret/letter"]


async def test_what_others_include_is_not_deleted_unless_they_are_out_of_sight(deps: Deps, records: Records) -> None:
    policy = await make(deps, "open/b", "One")
    letter = await make(deps, "letter", "{{> open/b}}")
    with pytest.raises(StillIncludedError, match="'letter'") as raised:
        await delete_prompt(deps, ADA, policy.id, "open/b")
    assert raised.value.names == ("letter",)
    await delete_prompt(deps, caller("bob", grants=(Grant("open", can_write=True),)), policy.id, "open/b")
    with pytest.raises(BrokenReferenceError):
        await render(deps, "letter")
    await delete_prompt(deps, ADA, letter.id, "letter")
    assert await records.count("references") == 0


async def test_of_many_that_include_it_some_are_named_and_all_counted(deps: Deps) -> None:
    policy = await make(deps, "b", "One")
    for number in range(7):
        await make(deps, f"letter{number}", "{{> b}}")
    with pytest.raises(StillIncludedError, match="'letter4' and 2 more"):
        await delete_prompt(deps, ADA, policy.id, "b")


def _chat(name: str, parts: tuple[ChatMessage | MessagesPlaceholder, ...]) -> PromptDraft:
    return PromptDraft(name, VersionDraft(ChatTemplate(parts)))
