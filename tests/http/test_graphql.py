from typing import Any

import pytest
import strawberry
from aiohttp import web
from strawberry.extensions import SchemaExtension

from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError, PromptgraphError
from graph.domain.limits import RequestLimits
from graph.domain.outages import StoreUnavailableError
from graph.http.engine import Engine
from tests.http.toy import Client, Mutation, Query, make_app, make_mask, serve

RESPONSE = {"Accept": "application/graphql-response+json"}


async def post(client: Client, query: str, headers: dict[str, str] | None = None, **more: Any) -> tuple[int, Any]:
    async with client.post("/graphql", json={"query": query, **more}, headers=headers or RESPONSE) as response:
        return response.status, await response.json(content_type=None)


async def test_queries_and_mutations_run(client: Client) -> None:
    assert await post(client, "{hello later}") == (200, {"data": {"hello": "Hello you", "later": "later"}})
    before = Mutation.runs
    assert await post(client, "mutation {count}") == (200, {"data": {"count": before + 1}})


async def test_a_known_document_runs_with_new_variables(client: Client) -> None:
    query = "query($name: String!) {hello(name: $name)}"
    for name in ("Ada", "Grace"):
        assert await post(client, query, variables={"name": name}) == (200, {"data": {"hello": f"Hello {name}"}})


async def test_answers_are_not_stored_by_anyone_on_the_way(client: Client) -> None:
    async with client.post("/graphql", json={"query": "{hello}"}) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_a_mutation_by_get_is_405_and_not_run(client: Client) -> None:
    before = Mutation.runs
    async with client.get("/graphql", params={"query": "mutation {count}"}) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
    assert Mutation.runs == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_405(client: Client, method: str) -> None:
    async with client.request(method, "/graphql", json={"query": "{hello}"}) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET, POST"
        assert (await response.json())["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}


async def test_an_accept_that_cannot_be_met_is_406(client: Client) -> None:
    status, answer = await post(client, "{hello}", {"Accept": "text/csv"})
    assert status == 406
    assert answer["errors"][0]["extensions"] == {"code": "NOT_ACCEPTABLE"}


async def test_a_subscription_is_told_that_it_needs_another_connection(client: Client) -> None:
    status, answer = await post(client, "subscription {ticks}")
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "OPERATION_NOT_SUPPORTED"}


async def test_a_query_that_costs_too_much_is_refused_with_its_code(client: Client) -> None:
    aliases = "{" + " ".join(f"a{number}: hello" for number in range(1_000)) + "}"
    status, answer = await post(client, aliases)
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "TOO_MANY_ALIASES"}
    assert "data" not in answer


async def test_a_variable_that_does_not_fit_is_named(client: Client) -> None:
    status, answer = await post(client, "query($name: String!) {hello(name: $name)}", variables={"name": 7})
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "$name" in answer["errors"][0]["message"]


async def test_an_error_in_a_nullable_field_leaves_the_rest(client: Client) -> None:
    status, answer = await post(client, "{hello invalid}")
    assert status == 200
    assert answer["data"] == {"hello": "Hello you", "invalid": None}
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "inputPath": ["tags", "3"]}


async def test_an_error_that_takes_all_data_away_leaves_a_null(client: Client) -> None:
    status, answer = await post(client, "{unavailable}")
    assert status == 200
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "STORE_UNAVAILABLE"}
    assert answer["errors"][0]["path"] == ["unavailable"]


@pytest.mark.parametrize(
    ("error", "status", "code", "header"),
    [
        (UnauthenticatedError("Unknown key."), 401, "UNAUTHENTICATED", ("WWW-Authenticate", "Bearer")),
        (ForbiddenError("actors:impersonate"), 403, "FORBIDDEN", None),
        (StoreUnavailableError(), 503, "STORE_UNAVAILABLE", ("Retry-After", "1")),
        (InvalidInputError("No such handle."), 400, "BAD_USER_INPUT", None),
    ],
)
async def test_what_goes_wrong_while_finding_out_who_calls_is_an_http_status(
    error: PromptgraphError, status: int, code: str, header: tuple[str, str] | None
) -> None:
    async def refuse(request: web.Request) -> object:
        raise error

    async with (
        serve(make_app(make_context=refuse)) as client,
        client.post("/graphql", json={"query": "{"}, headers=RESPONSE) as response,
    ):
        assert response.status == status
        assert header is None or response.headers[header[0]] == header[1]
        answer = await response.json(content_type=None)
    assert answer["errors"][0]["message"] == error.message
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_the_context_is_made_of_the_request() -> None:
    seen = []

    async def look(request: web.Request) -> object:
        seen.append(request.headers["X-Promptgraph-Actor"])
        return None

    async with serve(make_app(make_context=look)) as client:
        assert (await post(client, "{hello}", {"X-Promptgraph-Actor": "ada"}))[0] == 200
    assert seen == ["ada"]


def test_a_schema_whose_extensions_would_not_run_is_refused_at_the_start() -> None:
    schema = strawberry.Schema(query=Query, extensions=[SchemaExtension])
    with pytest.raises(ValueError, match="field extension"):
        Engine(schema, RequestLimits(), make_mask())
