"""In random states, everybody is told of exactly what they may see, by every road.

PROMPTGRAPH_SIGHTS says in how many states, 25 without it; scripts/test-long takes 2,000.
"""

import os

import pytest
import strawberry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.operations.deps import Deps
from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.sight.roads import ROADS
from tests.schema.sight.worlds import READERS, World, accesses, build, facts, reader_of

STATES = int(os.environ.get("PROMPTGRAPH_SIGHTS", "25"))


@pytest.mark.timeout(60 + STATES)
@settings(max_examples=STATES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_model_and_server_agree_on_what_is_visible(
    schema: strawberry.Schema, deps: Deps, data: st.DataObject
) -> None:
    known = data.draw(facts())
    api, prompts, began = await build(Api(schema, deps, Records(deps.store)), known)
    for access in data.draw(st.lists(accesses(), min_size=1, max_size=READERS)):
        world = World(api, access, reader_of(access), prompts, {fact.name: fact for fact in known}, began)
        for road in ROADS:
            assert await road.told(world) == road.due(world), road.name
