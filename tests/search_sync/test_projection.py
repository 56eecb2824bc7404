"""What becomes of a prompt that the store has written."""

from typing import Any

import pytest

from graph.domain.prompts import LATEST_VERSION, VersionDraft, Visibility
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, ModelSettings
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from search_sync.index.document import SearchDocument
from search_sync.projection import ProjectionError, make_fingerprint, project
from search_sync.source import PromptSource
from tests.checks.tokens import GITHUB
from tests.fixtures import caller, draft, text_version


async def read(deps: Deps, prompt_id: str, text_characters: int = 1_000) -> SearchDocument:
    database = deps.store.database.client[deps.store.database.collection("prompts").database.name]
    found = [document async for document in PromptSource(database, 10).read([prompt_id])]
    return project(found[0], text_characters)


async def test_every_fact_is_where_searches_look_for_it(deps: Deps) -> None:
    facts: dict[str, Any] = {"title": "Refund", "description": "For refunds", "category": "Support", "tags": ("b", "a")}
    prompt = await create_prompt(
        deps, caller(), draft("team/support/refund", "{{greeting}} {{name}}", visibility=Visibility.PUBLIC, **facts)
    )
    await set_label(deps, caller(), prompt.id, "production", LATEST_VERSION)
    await rate_prompt(deps, caller(), prompt.id, 4)
    await rate_prompt(deps, caller("bob"), prompt.id, 5)
    found = await read(deps, prompt.id)
    assert (found.id, found.rev, found.name, found.title) == (prompt.id, 4, "team/support/refund", "Refund")
    assert (found.description, found.category, found.tags) == ("For refunds", "Support", ("b", "a"))
    assert (found.variables, found.text, found.kind) == (("greeting", "name"), "{{greeting}} {{name}}", "text")
    assert (found.folders, found.labels, found.author) == (("team", "team/support"), ("production",), "actor-ada")
    assert (found.average, found.usage, found.model) == (4.5, 0, None)
    assert 0 < found.wilson < 1
    assert found.created_at == round(prompt.created_at.timestamp() * 1000)
    assert found.updated_at > found.created_at
    assert (found.is_public, found.is_archived) == (True, False)


async def test_a_prompt_that_says_nothing_of_itself_is_found_as_well(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("bare", "Hello"))
    found = await read(deps, prompt.id)
    assert (found.description, found.category, found.tags, found.folders) == ("", None, (), ())
    assert (found.average, found.wilson, found.is_public) == (None, 0.0, False)


async def test_a_chat_is_found_by_all_that_is_said_in_it(deps: Deps) -> None:
    template = ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, "Be kind to {{who}}."),
            MessagesPlaceholder("history"),
            ChatMessage(ChatRole.USER, "Hello!"),
        )
    )
    prompt = await create_prompt(deps, caller(), draft("first"))
    version = VersionDraft(template, model_settings=ModelSettings(model="gpt-5"))
    await append_version(deps, caller(), prompt.id, 1, version)
    found = await read(deps, prompt.id)
    assert (found.text, found.kind, found.model) == ("Be kind to {{who}}.\n\nHello!", "chat", "gpt-5")
    assert set(found.variables) == {"who", "history"}


async def test_the_latest_version_is_found_when_older_ones_have_moved_to_the_archives(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("long"))
    for number in range(1, 60):
        await append_version(deps, caller(), prompt.id, number, text_version(f"text {number + 1}"))
    assert (await read(deps, prompt.id)).text == "text 60"


async def test_the_kinds_of_findings_are_those_of_the_latest_version(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("leaky", f"Key {GITHUB}, ada@lovelace.org, bob@lovelace.org"))
    assert (await read(deps, prompt.id)).findings == ("secret", "personal_data")
    await append_version(deps, caller(), prompt.id, 1, text_version("Clean"))
    assert (await read(deps, prompt.id)).findings == ()


async def test_a_version_from_before_the_checks_has_no_findings(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("old", f"Key {GITHUB}"))
    prompts = deps.store.database.collection("prompts")
    await prompts.update_one({"_id": prompt.id}, {"$unset": {"versions.0.checks": ""}})
    assert (await read(deps, prompt.id)).findings == ()


async def test_an_archived_prompt_says_so(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("old"))
    await archive_prompt(deps, caller(), prompt.id)
    assert (await read(deps, prompt.id)).is_archived


async def test_the_text_is_bounded_in_characters(deps: Deps) -> None:
    prompt = await create_prompt(deps, caller(), draft("wide", "😀" * 50))
    assert (await read(deps, prompt.id, text_characters=20)).text == "😀" * 20


@pytest.mark.parametrize(
    "document", [{"_id": "a"}, {"_id": "a", "versions": []}, {"_id": 7, "versions": [{"template": {"text": "x"}}]}]
)
def test_what_is_no_prompt_is_told_so(document: dict[str, Any]) -> None:
    with pytest.raises(ProjectionError, match="not a prompt's"):
        project(document, 100)


def test_another_bound_or_another_index_is_another_fingerprint() -> None:
    prints = {make_fingerprint("a", 1), make_fingerprint("a", 2), make_fingerprint("b", 1), make_fingerprint("a", 1)}
    assert len(prints) == 3
