"""The permission matrix: every query field, mutation and subscription, asked as every kind of caller.

All of it is made of the built schema, so a new root field is in it from its first day. What it declares
(graph/schema/permissions.py) is what it must do.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from inspect import isawaitable
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLError, parse, subscribe

from graph.domain.actors import ANONYMOUS, EVERYWHERE, Access, Scope
from graph.domain.denials import AccessError, ForbiddenError, UnauthenticatedError
from graph.domain.errors import PromptgraphError
from graph.operations.access import LOCAL_ACCESS, authenticate
from graph.operations.api_keys import create_key, revoke_key
from graph.schema.build import build_schema
from graph.schema.context import Context
from graph.schema.permissions import Rule, rule_of
from tests.fixtures import caller
from tests.schema.matrix.questions import Question, questions
from tests.schema.matrix.twins import FOREIGN, SECRET_NAME, SUBJECT, Twin, fill, open_twin

SCHEMA = build_schema()
LIVE_SECONDS = 0.2
TRIES = 4


def rule(question: Question) -> Scope | Rule | None:
    core = SCHEMA._schema
    roots = {"query": core.query_type, "mutation": core.mutation_type, "subscription": core.subscription_type}
    root = roots[question.operation]
    assert root is not None
    return rule_of(root.fields[question.field])


def each(chosen: Iterable[Question]) -> pytest.MarkDecorator:
    """One case for each question."""
    return pytest.mark.parametrize("question", list(chosen), ids=lambda question: question.name)


SHORT = list(questions(SCHEMA._schema, SUBJECT, deep=False))
DEEP = [question for question in questions(SCHEMA._schema, SUBJECT, deep=True) if question.operation != "subscription"]
DOCUMENTS = {question.name: question.document for question in DEEP}
BLIND = {
    "anonymous": ANONYMOUS,
    "anonymous where public is read": Access(actor=None, reads_public=True),
    "a key of another folder": FOREIGN,
    "a key that reads nowhere": caller("nowhere", grants=()),
    **{scope.value: caller("alone", {scope}) for scope in Scope if scope is not Scope.PROMPTS_READ},
}


@dataclass(frozen=True, slots=True)
class Twins:
    """The one with secrets and the one without. Whatever is written is written to both."""

    one: Twin
    other: Twin

    async def tell_apart(self, document: str, access: Access) -> str | None:
        """What gives the secrets away; None when nothing does.

        Which questions are put to the database together depends on which answer comes first, so one difference in
        the work is chance. One that comes each time is not.
        """
        for _ in range(TRIES):
            one, other = await self.one.ask(document, access), await self.other.ask(document, access)
            if one.answer != other.answer:
                return f"the answers differ:\n{one.answer}\n{other.answer}"
            if one.commands == other.commands:
                return None
        return f"the work differs: {one.commands}, {other.commands}"


@pytest.fixture(scope="module")
async def twins(mongodb_url: str) -> AsyncIterator[Twins]:
    async with opened(mongodb_url) as one, opened(mongodb_url) as other:
        await fill(one.api.deps, with_secrets=True)
        await fill(other.api.deps, with_secrets=False)
        yield Twins(one, other)


@pytest.fixture(scope="module")
async def alone(mongodb_url: str) -> AsyncIterator[Twin]:
    """One that need not stay like another."""
    async with opened(mongodb_url) as twin:
        await fill(twin.api.deps, with_secrets=True)
        yield twin


def opened(mongodb_url: str) -> AbstractAsyncContextManager[Twin]:
    return open_twin(SCHEMA, mongodb_url, f"test_{uuid.uuid4().hex[:16]}")


async def ask(twin: Twin, question: Question, access: Access) -> list[BaseException | None]:
    """The errors of an answer; of a stream, those it begins with."""
    if question.operation != "subscription":
        result = await twin.api.execute(question.document, access=access)
        return [error.original_error for error in result.errors or ()]
    stream = subscribe(SCHEMA._schema, parse(question.document), context_value=Context(twin.api.deps, access))
    return await first_errors(await stream if isawaitable(stream) else stream)


async def first_errors(stream: Any) -> list[BaseException | None]:
    """The errors that a stream begins with; none when it has nothing to say for a moment."""
    first = stream
    if not isinstance(stream, ExecutionResult):
        try:
            first = await asyncio.wait_for(anext(stream), LIVE_SECONDS)
        except TimeoutError:
            return []
        except GraphQLError as error:
            return [error.original_error or error]
        except PromptgraphError as error:
            return [error]
        finally:
            await stream.aclose()
    return [error.original_error for error in first.errors or ()]


@each(question for question in SHORT if isinstance(rule(question), Scope))
async def test_a_scope_that_is_declared_is_needed_and_no_other_will_do(alone: Twin, question: Question) -> None:
    needed = rule(question)
    assert isinstance(needed, Scope)
    commands = alone.commands.names
    before = len(commands)
    for anonymous in (ANONYMOUS, Access(None, frozenset(Scope), EVERYWHERE, reads_public=True)):
        (error,) = await ask(alone, question, anonymous)
        assert isinstance(error, UnauthenticatedError)
    for scope in set(Scope) - {needed}:
        (error,) = await ask(alone, question, caller("alone", {scope}))
        assert isinstance(error, ForbiddenError), scope
        assert error.scope == needed.value
    assert len(commands) == before, "who is refused costs the database nothing"


@each(SHORT)
async def test_a_scope_that_is_declared_is_enough(alone: Twin, question: Question) -> None:
    needed = rule(question)
    scopes = {needed} if isinstance(needed, Scope) else set()
    for error in await ask(alone, question, caller("alone", scopes)):
        assert not isinstance(error, UnauthenticatedError)
        assert not isinstance(error, ForbiddenError) or error.scope != needed


@each(question for question in SHORT if isinstance(rule(question), Rule))
async def test_what_needs_no_scope_refuses_nobody(alone: Twin, question: Question) -> None:
    for access in BLIND.values():
        assert not any(isinstance(error, AccessError) for error in await ask(alone, question, access))


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_a_key_that_has_ended_asks_nothing(alone: Twin, end: str) -> None:
    """A caller is known before any field is: what ends here ends for every field."""
    deps = alone.api.deps
    ends = deps.clock() + timedelta(hours=1) if end == "expired" else None
    made = await create_key(deps, LOCAL_ACCESS, end, Scope, expires_at=ends)
    assert await authenticate(deps, made.secret, None, ANONYMOUS)
    if end == "revoked":
        await revoke_key(deps, LOCAL_ACCESS, made.key.id)
    later = replace(deps, clock=lambda: deps.clock() + timedelta(hours=1))
    with pytest.raises(UnauthenticatedError):
        await authenticate(later, made.secret, None, LOCAL_ACCESS)
    await revoke_key(deps, LOCAL_ACCESS, made.key.id)


@each(DEEP)
async def test_what_a_key_of_another_folder_may_not_see_is_as_if_it_did_not_exist(
    twins: Twins, question: Question
) -> None:
    assert await twins.tell_apart(question.document, FOREIGN) is None


@each(question for question in DEEP if rule(question) is Rule.SIGHT)
async def test_who_may_read_nothing_of_it_is_told_nothing_of_it(twins: Twins, question: Question) -> None:
    for access in BLIND.values():
        assert await twins.tell_apart(question.document, access) is None


@pytest.mark.parametrize(
    "document",
    [
        '{ promptSearch(query: "refund", orderBy: RATING) { totalCount edges { cursor score node { name } } } }',
        '{ promptSearch(filter: { tags: ["secret"] }) { totalCount facets(fields: [TAG]) { values { value } } } }',
        '{ promptSearch(filter: { labels: ["production"], minAverageRating: 1 }) { totalCount nodes { name } } }',
        '{ prompts(filter: { tags: ["secret"] }, orderBy: null) { totalCount nodes { name } } }',
        "{ prompts(last: 1, orderBy: { field: NAME, direction: ASC }) { totalCount pageInfo { endCursor } } }",
    ],
)
async def test_no_filter_and_no_order_tells_of_a_secret(twins: Twins, document: str) -> None:
    for access in BLIND.values():
        assert await twins.tell_apart(document, access) is None


async def test_the_twins_can_be_told_apart_by_those_who_may_see(twins: Twins) -> None:
    """Else this whole page proves nothing."""
    for name in (
        "node",
        "nodes",
        "prompt",
        "prompt-1",
        "prompts",
        "promptSearch",
        "promptEventLog",
        "apiKeys",
        "webhooks",
        "auditLog",
    ):
        assert await twins.tell_apart(DOCUMENTS[name], LOCAL_ACCESS), name
    assert SECRET_NAME in (await twins.one.ask(DOCUMENTS["prompt"], LOCAL_ACCESS)).answer


async def test_a_stream_that_refuses_is_heard_however_it_does_so() -> None:
    async def refuse_at_once() -> AsyncGenerator[int]:
        raise ForbiddenError("events:read")
        yield 1

    @strawberry.type
    class Query:
        one: int = 1

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def late(self) -> AsyncGenerator[int]:
            async for one in refuse_at_once():
                yield one

        @strawberry.subscription
        async def silent(self) -> AsyncGenerator[int]:
            await asyncio.Event().wait()
            yield 1

    core = strawberry.Schema(query=Query, subscription=Subscription)._schema
    for field, heard in (("late", [ForbiddenError]), ("silent", [])):
        stream = subscribe(core, parse(f"subscription {{ {field} }}"))
        errors = await first_errors(await stream if isawaitable(stream) else stream)
        assert [type(error) for error in errors] == heard
