import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from graph.domain.actors import ANONYMOUS, Grant, Scope
from graph.domain.denials import FolderForbiddenError, ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError, NameTakenError
from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError
from graph.domain.prompts import VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    TemplateKind,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.publishing import keep_declarations, publish, set_labels
from graph.store.database import Database, Session
from tests.fixtures import Records, caller, draft, text_version

ADA = caller()


async def test_the_first_version_and_the_next_are_one_call(deps: Deps, records: Records) -> None:
    first = await publish(deps, ADA, "a/b", text_version("one"), tags=("t",), labels=["production"])
    second = await publish(deps, ADA, "a/b", text_version("two"))
    again = await publish(deps, ADA, "a/b", text_version("two"))
    assert [(done.version.number, done.is_new) for done in (first, second, again)] == [(1, True), (2, True), (2, False)]
    assert (again.prompt.tags, again.prompt.labels["production"].version) == (("t",), 1)
    kinds = [event["kind"] for event in await records.events(first.prompt.id)]
    assert kinds == ["created", "label_set", "version_created"]


async def test_tags_that_are_given_replace_and_none_leaves_them(deps: Deps) -> None:
    await publish(deps, ADA, "a", text_version("one"), tags=("t",))
    assert (await publish(deps, ADA, "a", text_version("two"))).prompt.tags == ("t",)
    assert (await publish(deps, ADA, "a", text_version("two"), tags=())).prompt.tags == ()


async def test_nothing_is_written_when_a_label_may_not_be_set(deps: Deps, records: Records) -> None:
    mallory = caller("mallory", [Scope.PROMPTS_READ, Scope.PROMPTS_WRITE, Scope.LABELS_WRITE])
    for label, error in (("production", ForbiddenError), ("v7", InvalidInputError), ("latest", InvalidInputError)):
        with pytest.raises(error):
            await publish(deps, mallory, "a", text_version("one"), labels=["blue", label])
    with pytest.raises(ForbiddenError):
        await publish(deps, caller("r", [Scope.PROMPTS_WRITE]), "a", text_version("one"), labels=["blue"])
    assert await records.count("prompts") == 0


async def test_nothing_is_written_when_there_is_no_room_for_the_labels(deps: Deps, records: Records) -> None:
    many = [f"label-{number}" for number in range(deps.limits.labels)]
    with pytest.raises(InvalidInputError, match="at most"):
        await publish(deps, ADA, "a", text_version("one"), labels=[*many, "one-more"])
    await publish(deps, ADA, "a", text_version("one"), labels=many)
    before = await records.snapshot()
    with pytest.raises(InvalidInputError, match="at most"):
        await publish(deps, ADA, "a", text_version("two"), labels=["one-more"])
    assert await records.snapshot() == before


async def test_rights_are_those_of_creating_and_appending(deps: Deps) -> None:
    with pytest.raises(UnauthenticatedError):
        await publish(deps, ANONYMOUS, "a", text_version("one"))
    bob = caller("bob", grants=(Grant("b", can_write=True),))
    with pytest.raises(FolderForbiddenError):
        await publish(deps, bob, "a", text_version("one"))
    reader = caller("reader", grants=(Grant("b"),))
    await publish(deps, bob, "b/x", text_version("one"))
    with pytest.raises(FolderForbiddenError):
        await publish(deps, reader, "b/x", text_version("two"))


async def test_a_name_taken_out_of_sight_is_told_as_anywhere(deps: Deps) -> None:
    await create_prompt(deps, ADA, draft("hidden/x"))
    blind = caller("blind", [Scope.PROMPTS_WRITE])
    with pytest.raises(NameTakenError):
        await publish(deps, blind, "hidden/x", text_version("one"))


def test_declarations_are_kept_where_they_still_fit(deps: Deps) -> None:
    known = [
        Variable("n", VariableType.NUMBER, default_value="5"),
        Variable("gone"),
        Variable("history", VariableType.MESSAGES, allows_system_messages=True),
        Variable("text", VariableType.STRING, "was text"),
        Variable("own", VariableType.STRING, "old"),
    ]
    parts = (
        ChatMessage(ChatRole.USER, "{{n}} {{own}}"),
        MessagesPlaceholder("history"),
        MessagesPlaceholder("text"),
    )
    new = VersionDraft(ChatTemplate(parts), variables=(Variable("own", description="new"),))
    assert keep_declarations(deps, new, known) == (new.variables[0], known[0], known[2])
    assert keep_declarations(deps, VersionDraft(TextTemplate("x")), known) == ()


async def test_a_text_stays_a_text_whoever_is_quicker(deps: Deps) -> None:
    chat = ChatTemplate((ChatMessage(ChatRole.USER, "x"),))

    async def write(number: int) -> TemplateKind | None:
        template = chat if number % 2 else TextTemplate(f"{number}")
        try:
            done = await publish(deps, ADA, "both", VersionDraft(template), keeps_kind=True)
        except InvalidInputError:
            return None
        return done.version.template.kind

    kinds = await asyncio.gather(*[write(number) for number in range(8)])
    assert kinds.count(None) == 4
    assert len({kind for kind in kinds if kind}) == 1


async def test_a_prompt_that_is_deleted_that_moment_is_made_anew(deps: Deps) -> None:
    for number in range(10):
        made = await publish(deps, ADA, "gone", text_version("first"))
        deletion = asyncio.create_task(delete_prompt(deps, ADA, made.prompt.id, "gone"))
        writers = [publish(deps, ADA, "gone", text_version(f"{number} {one}")) for one in range(4)]
        assert all(done.version.number for done in await asyncio.gather(*writers))
        await deletion


async def test_who_published_first_and_is_slow_takes_the_label_from_nobody(deps: Deps) -> None:
    first = await publish(deps, ADA, "slow", text_version("first"))
    await publish(deps, ADA, "slow", text_version("second"), labels=["production"])
    prompt = await set_labels(deps, ADA, first.prompt, 1, ["production", "blue"], keeps_newer=True)
    assert {label.name: label.version for label in prompt.labels.values()} == {"production": 2, "blue": 1}
    prompt = await set_labels(deps, ADA, prompt, 1, ["production"])
    assert prompt.labels["production"].version == 1, "who says so moves it back"


@pytest.fixture
def away_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """From so many transactions on, the database is away."""

    def set_out(count: int) -> None:
        made, transact = 0, Database.transact

        async def go_away(self: Database, work: Callable[[Session], Awaitable[Any]]) -> Any:
            nonlocal made
            made += 1
            if made > count:
                raise StoreUnavailableError
            return await transact(self, work)

        monkeypatch.setattr(Database, "transact", go_away)

    return set_out


async def test_a_version_whose_labels_cannot_be_set_any_more_is_not_told_as_not_made(
    deps: Deps, records: Records, away_after: Callable[[int], None]
) -> None:
    away_after(1)
    with pytest.raises(OutcomeUnknownError):
        await publish(deps, ADA, "a", text_version("one"), labels=["blue"])
    assert [(one["name"], one["labels"]) for one in await records.all("prompts")] == [("a", [])]
    with pytest.raises(StoreUnavailableError):
        await publish(deps, ADA, "b", text_version("one"), labels=["blue"])


async def test_labels_of_which_one_is_set_are_not_told_as_not_set(
    deps: Deps, away_after: Callable[[int], None]
) -> None:
    prompt = (await publish(deps, ADA, "a", text_version("one"))).prompt
    away_after(1)
    with pytest.raises(OutcomeUnknownError):
        await set_labels(deps, ADA, prompt, 1, ["blue", "green"])
    with pytest.raises(StoreUnavailableError):
        await set_labels(deps, ADA, prompt, 1, ["red"])
