"""What holds for every mutation, walked over the built schema: a new one cannot slip through."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_required_input_field,
)

from graph.domain.actors import ANONYMOUS, EVERYWHERE, Access, Scope
from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.schema.build import build_schema
from graph.schema.node import encode_id
from graph.schema.permissions import scope_of
from tests.fixtures import caller
from tests.schema.conftest import Api


def _mutations() -> dict[str, GraphQLField]:
    root = build_schema()._schema.mutation_type
    assert root is not None
    return dict(root.fields)


MUTATIONS = _mutations()
DECLARED = {name: scope for name, field in MUTATIONS.items() if (scope := scope_of(field))}
IDS_OF_VERSIONS = {"PromptForkInput.versionId", "PromptVersionBy.id"}
every_mutation = pytest.mark.parametrize("name", MUTATIONS)


@every_mutation
def test_it_declares_its_scope(name: str) -> None:
    assert name in DECLARED


@every_mutation
def test_it_takes_one_input_and_answers_with_a_payload_of_its_own(name: str) -> None:
    field, own = MUTATIONS[name], name[0].upper() + name[1:]
    assert {argument: str(it.type) for argument, it in field.args.items()} == {"input": f"{own}Input!"}
    assert str(field.type) == f"{own}Payload"
    assert isinstance(field.type, GraphQLObjectType)
    assert str(field.type.fields["errors"].type) == f"[{own}Error!]!"
    nullable = [it for other, it in field.type.fields.items() if other != "errors"]
    assert not any(isinstance(it.type, GraphQLNonNull) for it in nullable)


@every_mutation
async def test_a_key_without_the_scope_is_refused(untouched: Api, standing: dict[str, Any], name: str) -> None:
    access = caller("mallory", set(Scope) - {DECLARED[name]})
    error = await refusal(untouched, name, standing, access)
    assert isinstance(error, ForbiddenError)
    assert error.scope == DECLARED[name]


@every_mutation
async def test_a_caller_without_a_key_is_refused(untouched: Api, standing: dict[str, Any], name: str) -> None:
    for access in (ANONYMOUS, Access(actor=None, scopes=frozenset(Scope), grants=EVERYWHERE, reads_public=True)):
        assert isinstance(await refusal(untouched, name, standing, access), UnauthenticatedError)


@every_mutation
async def test_the_scope_is_enough_beside_that_to_read(api: Api, name: str) -> None:
    standing = await api.create("standing")
    input = least_input(MUTATIONS[name].args["input"].type, standing)
    access = caller("ada", {Scope.PROMPTS_READ, Scope.EVENTS_READ, DECLARED[name]})
    assert isinstance(await api.mutate(name, input, access=access), dict)


async def refusal(api: Api, name: str, standing: dict[str, Any], access: Access) -> Exception | None:
    """What kept the mutation from being made; nothing was written."""
    before = await api.records.snapshot()
    result = await api.attempt(name, least_input(MUTATIONS[name].args["input"].type, standing), access=access)
    assert await api.records.snapshot() == before
    assert result.data == {name: None}
    assert result.errors
    return result.errors[0].original_error


def least_input(kind: Any, standing: dict[str, Any], name: str = "") -> Any:
    """The smallest input of this type, about the prompt that stands."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        fields = kind.fields.items()
        chosen = list(fields)[:1] if kind.is_one_of else [pair for pair in fields if is_required_input_field(pair[1])]
        return {field: least_input(it.type, standing, f"{kind.name}.{field}") for field, it in chosen}
    if name.endswith(".apiKeyId"):
        return encode_id("ApiKey", "nobody")
    if name.endswith(".webhookId"):
        return encode_id("Webhook", "nobody")
    if kind.name == "ID":
        return (
            standing["latestVersion"]["id"] if "ersion" in name.removeprefix("PromptVersionCreate") else standing["id"]
        )
    return {"Int": 1, "Float": 1.0, "String": "text"}[kind.name]
