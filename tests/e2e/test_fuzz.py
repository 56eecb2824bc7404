"""Requests that schemathesis makes from the schema, as many as PROMPTGRAPH_FUZZ_CASES says: none is a fault of ours."""

import os

import pytest

from tests.e2e.conftest import MakeServer
from tests.faces.environments import run_client

CASES = os.environ.get("PROMPTGRAPH_FUZZ_CASES", "26")
SEED = os.environ.get("PROMPTGRAPH_FUZZ_SEED", "7")
SECONDS_A_CASE = 2.0


@pytest.mark.timeout(180.0 + SECONDS_A_CASE * int(CASES))
async def test_no_request_that_the_schema_lets_through_is_a_fault_of_ours(make_server: MakeServer) -> None:
    server = make_server()
    await server.start()
    seconds = 90.0 + SECONDS_A_CASE * int(CASES)
    told = await run_client("schemathesis", "fuzz.py", server.url + "/graphql", CASES, SEED, seconds=seconds)
    assert told["faults"] == []
    assert told["told"]["cases"] >= int(CASES)
    assert told["told"]["no error"]
    assert '"level": "error"' not in server.log.read_text("utf-8")
