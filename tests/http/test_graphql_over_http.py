"""The audits of GraphQL over HTTP, one test each by its id, as npm's `graphql-http` 1.23 asks them.

`tests/clients/test_graphql_http.py` runs that package itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.http.toy import Client

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
TYPENAME = {"query": "{ __typename }"}
SYNTAX = {"query": "{"}
UNKNOWN_FIELD = {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}
COERCION = {"query": "query CoerceFailure($id: ID!) { __typename }", "variables": {"id": None}}
TYPE_QUERY = "query Type($name: String!) { __type(name: $name) { name } }"
CLIENT_ERRORS, ANY_ERROR = range(400, 500), range(400, 600)


@dataclass(frozen=True)
class Audit:
    """One request and what its answer must be."""

    id: str
    body: Mapping[str, Any] | str | None = None
    params: Mapping[str, str] | None = None
    accept: str | None = None
    content_type: str | None = JSON
    status: range | int = 200
    answers_in: str = ""
    without: tuple[str, ...] = field(default=())


def _types(prefix: str, parameter: str, wrong: list[Any]) -> list[Audit]:
    return [Audit(f"{prefix}{place}", {**TYPENAME, parameter: value}, status=400) for place, value in enumerate(wrong)]


def _nulls() -> list[Audit]:
    return [
        Audit(f"{prefix}{place}", {**TYPENAME, name: None}, accept=accept, without=("errors",))
        for place, name in enumerate(("variables", "operationName", "extensions"))
        for prefix, accept in (("94B", RESPONSE), ("022", JSON))
    ]


AUDITS = [
    Audit("22EB", TYPENAME, accept=RESPONSE, answers_in=RESPONSE),
    Audit("4655", TYPENAME, accept=JSON, answers_in=JSON),
    Audit("47DE", TYPENAME, accept="*/*", answers_in=JSON),
    Audit("80D8", TYPENAME, answers_in=JSON),
    Audit("82A3", TYPENAME, answers_in="charset=utf-8"),
    Audit("BF61", {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}, content_type=f"{JSON}; charset=utf-8"),
    Audit("78D5", TYPENAME),
    Audit("2C94", TYPENAME),
    Audit("5A70", params=TYPENAME),
    Audit("9C48", params={"query": "mutation { __typename }"}, accept=RESPONSE, status=CLIENT_ERRORS),
    Audit("9ABE", TYPENAME, content_type=None, status=CLIENT_ERRORS),
    Audit("03D4", TYPENAME),
    Audit("A5BF", "", status=400),
    Audit("423L", {"notquery": "{ __typename }"}, accept=RESPONSE, status=400),
    *_types("LKJ", "query", [{"obj": "ect"}, 0, False, ["array"]]),
    Audit("34A2", TYPENAME, accept=RESPONSE),
    Audit("13EE", TYPENAME, accept=JSON, without=("errors",)),
    *_types("6C0", "operationName", [{"obj": "ect"}, 0, False, ["array"]]),
    Audit("8161", {"query": "query Query { __typename }", "operationName": "Query"}, accept=RESPONSE),
    Audit("B8B3", {"query": "query Query { __typename }", "operationName": "Query"}, accept=JSON, without=("errors",)),
    *_nulls(),
    *_types("476", "variables", ["string", 0, False, ["array"]]),
    Audit("2EA1", {"query": TYPE_QUERY, "variables": {"name": "sometype"}}, accept=RESPONSE),
    Audit("28B9", {"query": TYPE_QUERY, "variables": {"name": "sometype"}}, accept=JSON, without=("errors",)),
    Audit("D6D5", params={"query": TYPE_QUERY, "variables": '{"name": "a"}'}, accept=RESPONSE, without=("errors",)),
    Audit("6A70", params={"query": TYPE_QUERY, "variables": '{"name": "a"}'}, accept=JSON, without=("errors",)),
    *_types("58B", "extensions", ["string", 0, False, ["array"]]),
    Audit("428F", {**TYPENAME, "extensions": {"some": "value"}}, accept=RESPONSE),
    Audit("1B7A", {**TYPENAME, "extensions": {"some": "value"}}, accept=JSON, without=("errors",)),
    Audit("B6DC", '{ "not a JSON', accept=JSON, status=range(200, 600)),
    Audit("BCF8", '{ "not a JSON', accept=JSON, status=400),
    Audit("B7N8", '{ "not a JSON', accept=RESPONSE, status=400),
    Audit("8764", {"qeury": "{ __typename }"}, status=ANY_ERROR),
    Audit("3E3A", {"qeury": "{ __typename }"}, status=400),
    Audit("572B", SYNTAX, accept=JSON, status=200),
    Audit("FDE2", UNKNOWN_FIELD, accept=JSON, status=200),
    Audit("7B9B", COERCION, accept=JSON, status=200),
    Audit("865D", SYNTAX, accept=RESPONSE, status=ANY_ERROR),
    Audit("556A", SYNTAX, accept=RESPONSE, status=400),
    Audit("D586", SYNTAX, accept=RESPONSE, status=400, without=("data",)),
    Audit("51FE", UNKNOWN_FIELD, accept=RESPONSE, status=ANY_ERROR),
    Audit("74FF", UNKNOWN_FIELD, accept=RESPONSE, status=400),
    Audit("5E5B", UNKNOWN_FIELD, accept=RESPONSE, status=400, without=("data",)),
    Audit("86EE", COERCION, accept=RESPONSE, status=400),
]


def test_there_are_as_many_audits_as_the_suite_has() -> None:
    assert len({audit.id for audit in AUDITS}) == len(AUDITS) == 61


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.id)
async def test_audit(client: Client, audit: Audit) -> None:
    headers = {"Accept": audit.accept, "Content-Type": None if audit.params else audit.content_type}
    body = audit.body if isinstance(audit.body, str) else json.dumps(audit.body)
    async with client.request(
        "GET" if audit.params else "POST",
        "/graphql",
        params=audit.params,
        data=None if audit.params else body.encode(),
        headers={name: value for name, value in headers.items() if value},
        skip_auto_headers=["Accept", "Content-Type"],
    ) as response:
        assert response.status in (audit.status if isinstance(audit.status, range) else [audit.status])
        assert audit.answers_in in response.headers["Content-Type"]
        answer = json.loads((await response.read()).decode("utf-8", "strict"))
        assert not set(audit.without) & set(answer)
