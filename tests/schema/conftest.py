"""The schema, executed on a real store without the wire."""

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import isawaitable
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, execute, parse, validate

from graph.domain.actors import Access
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.schema.build import build_schema
from graph.schema.context import Context
from tests.fixtures import Records, deps, records, registry, store

__all__ = ["deps", "records", "store"]

ERRORS = """errors {
  __typename
  ... on UserError { message path }
  ... on NameTakenError { name }
  ... on PromptArchivedError { archivedAt }
  ... on InvalidVariableError { variable expected }
  ... on RevisionConflictError { prompt { id revision } }
  ... on VersionConflictError { latestVersion { id number prompt { id } } }
  ... on LabelConflictError { label { name version { number } } }
  ... on LabelProtectedError { protected: label { name version { number } } }
  ... on MissingVariablesError { variables { name } }
}"""


@dataclass(frozen=True, slots=True)
class Api:
    """Asks the schema as a client would."""

    schema: strawberry.Schema
    deps: Deps
    records: Records

    async def execute(
        self, document: str, variables: Mapping[str, Any] | None = None, access: Access = LOCAL_ACCESS
    ) -> ExecutionResult:
        """Whatever comes back, executed as `graph/http/graphql.py` does it."""
        node = _read(self.schema, document)
        result = execute(
            self.schema._schema,
            node,
            context_value=Context(self.deps, access),
            variable_values=dict(variables or {}),
            executor_class=self.schema.execution_context_class,
        )
        return await result if isawaitable(result) else result

    async def query(
        self, document: str, variables: Mapping[str, Any] | None = None, access: Access = LOCAL_ACCESS
    ) -> dict[str, Any]:
        """The data of an answer without errors."""
        result = await self.execute(document, variables, access)
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data

    async def attempt(
        self, mutation: str, input: Mapping[str, Any], fields: str = "", access: Access = LOCAL_ACCESS
    ) -> ExecutionResult:
        """A mutation with its input as a variable, and every error's fields; whatever comes back."""
        input_type = f"{mutation[0].upper()}{mutation[1:]}Input!"
        errors = _known_to(self.schema, mutation)
        document = f"mutation($input: {input_type}) {{ {mutation}(input: $input) {{ {fields} {errors} }} }}"
        return await self.execute(document, {"input": input}, access)

    async def mutate(
        self, mutation: str, input: Mapping[str, Any], fields: str = "", access: Access = LOCAL_ACCESS
    ) -> dict[str, Any]:
        """The payload, with errors or without."""
        result = await self.attempt(mutation, input, fields, access)
        assert result.errors is None, result.errors
        assert result.data is not None
        payload: dict[str, Any] = result.data[mutation]
        return payload

    async def change(
        self, mutation: str, input: Mapping[str, Any], fields: str = "", access: Access = LOCAL_ACCESS
    ) -> dict[str, Any]:
        """The payload of a mutation that must succeed."""
        payload = await self.mutate(mutation, input, fields, access)
        assert payload["errors"] == []
        return payload

    async def refuse(
        self, mutation: str, input: Mapping[str, Any], fields: str = "", access: Access = LOCAL_ACCESS
    ) -> dict[str, Any]:
        """The one error of a mutation that must fail, after making sure that nothing was written."""
        before = await self.records.snapshot()
        payload = await self.mutate(mutation, input, fields, access)
        assert await self.records.snapshot() == before
        assert [value for key, value in payload.items() if key != "errors" and value is not None] == []
        (error,) = payload["errors"]
        assert error["message"].endswith(".")
        told: dict[str, Any] = error
        return told

    async def refuse_at_the_door(self, mutation: str, input: Mapping[str, Any]) -> str:
        """The message of a GraphQL error, for input that has not the schema's shape; nothing was written."""
        before = await self.records.snapshot()
        result = await self.attempt(mutation, input)
        assert await self.records.snapshot() == before
        assert result.data is None
        assert result.errors
        return result.errors[0].message

    async def create(self, name: str = "support/refund-reply", **input: Any) -> dict[str, Any]:
        """A new prompt."""
        input = {"name": name, "template": {"text": "Dear {{customer}},"}, **input}
        payload = await self.change("promptCreate", input, "prompt { id name revision latestVersion { id number } }")
        prompt: dict[str, Any] = payload["prompt"]
        return prompt

    async def append(self, prompt: Mapping[str, Any], text: str, expected: int = 1) -> dict[str, Any]:
        """A further version."""
        input = {"promptId": prompt["id"], "expectedLatest": expected, "template": {"text": text}}
        payload = await self.change("promptVersionCreate", input, "version { id number }")
        version: dict[str, Any] = payload["version"]
        return version


@cache
def _read(schema: strawberry.Schema, document: str) -> DocumentNode:
    """Parsed and validated once, as the server does it."""
    node = parse(document)
    assert validate(schema._schema, node) == []
    return node


def _known_to(schema: strawberry.Schema, mutation: str) -> str:
    """ERRORS without the types that the mutation's union has not."""
    mutation_type = schema._schema.mutation_type
    assert mutation_type is not None
    payload: Any = mutation_type.fields[mutation].type
    union = payload.fields["errors"].type.of_type.of_type.of_type
    names = {member.name for member in union.types} | {"UserError"}
    lines = [line for line in ERRORS.splitlines() if "... on" not in line or line.split()[2] in names]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    return build_schema()


@pytest.fixture
def api(schema: strawberry.Schema, deps: Deps, records: Records) -> Api:
    return Api(schema, deps, records)


@pytest.fixture(scope="session")
async def untouched(schema: strawberry.Schema, mongodb_url: str) -> AsyncIterator[Api]:
    """A registry that all tests of refused input share, for they leave it as it is: `refuse` sees to that."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    async with registry(mongodb_url, name) as deps:
        yield Api(schema, deps, Records(deps.store))
        await deps.store.database.client.drop_database(name)


@pytest.fixture(scope="session")
async def standing(untouched: Api) -> dict[str, Any]:
    """The one prompt of the registry that is not touched."""
    return await untouched.create("standing")
