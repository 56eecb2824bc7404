"""A short query may ask for a great deal: what stands behind it is paid for, and refused before it is done."""

import pytest
import strawberry
from graphql import ExecutionResult

from graph.domain.denials import RequestTooCostlyError
from graph.domain.limits import RequestLimits
from graph.domain.prompts import Prompt
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.versions import append_version
from graph.schema.build import build_schema
from graph.schema.context import Context
from tests.fixtures import draft, text_version

TIGHT = RequestLimits(nodes=20, answer_characters=1_000, compared_lines=10)


@pytest.fixture(scope="module")
def schema() -> strawberry.Schema:
    return build_schema()


async def write(deps: Deps, text: str, versions: int = 3) -> Prompt:
    prompt = await create_prompt(deps, LOCAL_ACCESS, draft("a", text=text))
    for number in range(1, versions):
        await append_version(deps, LOCAL_ACCESS, prompt.id, number, text_version(f"{text}{number}"))
    return prompt


async def ask(schema: strawberry.Schema, deps: Deps, query: str) -> ExecutionResult:
    result = await schema.execute(query, context_value=Context(deps, LOCAL_ACCESS, TIGHT))
    return ExecutionResult(result.data, result.errors)


def refused(result: ExecutionResult) -> str:
    assert result.errors
    assert isinstance(result.errors[0].original_error, RequestTooCostlyError)
    return result.errors[0].message


async def test_pages_within_pages_are_refused_by_their_sizes_before_they_are_read(
    deps: Deps, schema: strawberry.Schema
) -> None:
    await write(deps, "x")
    assert not (await ask(schema, deps, "{ prompts(first: 20) { nodes { name } } }")).errors
    assert not (
        await ask(schema, deps, "{ prompts(first: 5) { nodes { versions(first: 15) { totalCount } } } }")
    ).errors
    assert "20 objects" in refused(
        await ask(schema, deps, "{ prompts(first: 5) { nodes { versions(first: 16) { totalCount } } } }")
    )
    aliases = " ".join(f"a{number}: prompts(first: 7) {{ totalCount }}" for number in range(3))
    assert "20 objects" in refused(await ask(schema, deps, f"{{ {aliases} }}"))


@pytest.mark.parametrize(
    "field", ["template { ... on TextTemplate { text } }", "preview { missingVariables { name } }"]
)
async def test_texts_are_paid_for_as_often_as_they_are_answered(
    deps: Deps, schema: strawberry.Schema, field: str
) -> None:
    await write(deps, "x" * 300)
    query = '{ prompt(by: {name: "a"}) { %s } }'
    thrice = f"versions(first: 3) {{ nodes {{ {field} }} }}"
    assert not (await ask(schema, deps, query % thrice)).errors
    assert "1000 characters" in refused(await ask(schema, deps, query % f"{thrice} b: latestVersion {{ {field} }}"))
    assert not (
        await ask(schema, deps, query % "versions(first: 3) { nodes { number } } b: latestVersion { number }")
    ).errors


async def test_comparisons_are_paid_for_by_their_lines(deps: Deps, schema: strawberry.Schema) -> None:
    await write(deps, "1\n2\n3\n")
    once = '{ prompt(by: {name: "a"}) { latestVersion { changesFrom { isBreaking } } } }'
    twice = '{ prompt(by: {name: "a"}) { versions(first: 2) { nodes { changesFrom { textDiff } } } } }'
    assert not (await ask(schema, deps, once)).errors
    assert "10 lines" in refused(await ask(schema, deps, twice))
