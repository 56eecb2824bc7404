from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLError

from graph.domain.limits import RequestLimits
from graph.domain.quotas import Quota
from graph.http.addresses import Addresses
from graph.http.costs import check_variables, cost_of
from graph.http.rate_limit import RateLimiter
from graph.store.buckets import MemoryBuckets
from tests.cpu import least_cpu_seconds
from tests.http.test_rate_limit import NOW
from tests.http.toy import Client, make_app, serve

LIMITS = RequestLimits()
LEAVES = "{leaves(first: %d) {leaf {name}}}"


async def ask(client: Client, query: str, variables: Any = None) -> tuple[int, dict[str, Any]]:
    async with client.post("/graphql", json={"query": query, "variables": variables}) as response:
        return response.status, await response.json()


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


async def test_an_answer_tells_what_it_cost() -> None:
    async with serve(make_app(show_cost=True)) as client:
        _, answer = await ask(client, LEAVES % 100)
        assert answer["extensions"] == {"cost": {"points": 200, "limit": 20_000, "requests": 2}}
        assert list(answer) == ["data", "extensions"]
        _, failed = await ask(client, "{broken}")
        assert failed["extensions"]["cost"]["requests"] == 1
        _, refused = await ask(client, "{nothing}")
        assert "extensions" not in refused


async def test_what_costs_too_much_is_refused_before_it_is_run() -> None:
    async with serve(make_app(replace(LIMITS, cost=100))) as client:
        assert (await ask(client, LEAVES % 50))[1]["data"]
        status, answer = await ask(client, LEAVES % 51)
        assert (status, code(answer)) == (200, "QUERY_TOO_COSTLY")
        assert "data" not in answer
        by_variable = "query($n: Int!) {leaves(first: $n) {leaf {name}}}"
        assert code((await ask(client, by_variable, {"n": 51}))[1]) == "QUERY_TOO_COSTLY"


async def test_a_costly_request_counts_for_several() -> None:
    quota = Quota("address", 5, 600.0)
    limiter = RateLimiter(MemoryBuckets(10), None, quota, Addresses(), lambda: NOW, most=10)
    async with serve(make_app(limiter=limiter)) as client:
        assert (await ask(client, LEAVES % 100))[0] == 200
        async with client.post("/graphql", json={"query": "{hello}"}) as response:
            assert response.headers["RateLimit"].startswith('"address";r=2;')
        status, answer = await ask(client, LEAVES % 100 + "{hello}" * 0 + " ")
        assert (status, answer.get("errors")) == (200, None)
        status, answer = await ask(client, "{hello}")
        assert (status, code(answer)) == (429, "RATE_LIMITED")


async def test_many_values_and_long_texts_in_variables_are_refused() -> None:
    async with serve(make_app()) as client:
        query = "query($n: [Int!]!) {countAll(numbers: $n)}"
        assert (await ask(client, query, {"n": [1] * 9_000}))[1]["data"]
        assert code((await ask(client, query, {"n": [1] * 20_000}))[1]) == "TOO_MANY_VALUES"
        hello = "query($n: String!) {hello(name: $n)}"
        assert (await ask(client, hello, {"n": "x" * 1_000_000}))[1]["data"]
        assert code((await ask(client, hello, {"n": "x" * 1_030_000}))[1]) == "VARIABLES_TOO_LARGE"


@pytest.mark.parametrize(
    ("variables", "limits", "is_refused"),
    [
        (None, replace(LIMITS, variable_values=0), False),
        ({"a": {"b": [1, 2]}}, replace(LIMITS, variable_values=4), False),
        ({"a": {"b": [1, 2, 3]}}, replace(LIMITS, variable_values=4), True),
        ({"é": "é"}, replace(LIMITS, variables_bytes=4), False),
        ({"é": "éa"}, replace(LIMITS, variables_bytes=4), True),
    ],
)
def test_names_and_texts_count_in_bytes_and_all_else_by_number(
    variables: dict[str, Any] | None, limits: RequestLimits, is_refused: bool
) -> None:
    try:
        check_variables(variables, limits)
    except GraphQLError:
        assert is_refused
    else:
        assert not is_refused


def test_a_megabyte_of_variables_is_measured_in_little_time() -> None:
    huge = {"n": [{"a": [1]}] * 100_000}

    def measure() -> None:
        with pytest.raises(GraphQLError):
            check_variables(huge, LIMITS)

    assert least_cpu_seconds(measure) < 0.02


def test_each_hundred_points_begun_counts_as_one_request() -> None:
    assert [cost_of(points, LIMITS).requests for points in (0, 1, 100, 101, 20_000)] == [1, 1, 1, 2, 200]


async def test_a_batch_is_refused_by_a_code_of_its_own(client: Client) -> None:
    for batch in ([], [{"query": "{hello}"}] * 2):
        async with client.post("/graphql", json=batch) as response:
            assert response.status == 400
            assert code(await response.json()) == "BATCH_REFUSED"


async def test_introspection_can_be_turned_off_and_then_nothing_is_suggested() -> None:
    async with serve(make_app(introspection=False)) as client:
        for query in ("{__schema {types {name}}}", '{__type(name: "Query") {name}}'):
            assert code((await ask(client, query))[1]) == "INTROSPECTION_OFF"
        _, answer = await ask(client, "{hell}")
        assert "hello" not in str(answer)
        assert (await ask(client, "{__typename hello}"))[1]["data"]["__typename"] == "Query"
    async with serve(make_app()) as client:
        assert "hello" in str((await ask(client, "{hell}"))[1])


async def test_validation_stops_after_twenty_errors(client: Client) -> None:
    _, answer = await ask(client, "{hello leaf {" + " ".join(f"x{n}" for n in range(200)) + "}}")
    assert len(answer["errors"]) == LIMITS.validation_errors + 1
    assert "Too many validation errors" in answer["errors"][-1]["message"]
