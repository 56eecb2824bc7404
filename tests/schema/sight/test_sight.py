"""In random states, everybody is told of exactly what they may see, by every road.

PROMPTGRAPH_SIGHTS says in how many states, 25 without it; scripts/test-long takes 2,000.
"""

import os

import pytest
import strawberry
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.domain.actors import Access, Grant
from graph.operations.deps import Deps
from tests.fixtures import Records, caller
from tests.schema.conftest import Api
from tests.schema.sight.model import Fact
from tests.schema.sight.roads import ROADS
from tests.schema.sight.worlds import NAMES, READERS, World, accesses, build, facts, reader_of

STATES = int(os.environ.get("PROMPTGRAPH_SIGHTS", "25"))
LOOK_ALIKE = [Fact(name, is_public=name.endswith("x")) for name in NAMES]
WITH_A_FOLDER = [caller("reader", grants=(Grant(folder),)) for folder in ("a", "a/b", "ab")]


@pytest.mark.timeout(60 + STATES)
@settings(max_examples=STATES, suppress_health_check=list(HealthCheck))
@given(known=facts(), asked=st.lists(accesses(), min_size=1, max_size=READERS))
@example(known=LOOK_ALIKE, asked=WITH_A_FOLDER)
async def test_model_and_server_agree_on_what_is_visible(
    schema: strawberry.Schema, deps: Deps, known: list[Fact], asked: list[Access]
) -> None:
    api, prompts, began = await build(Api(schema, deps, Records(deps.store)), known)
    for access in asked:
        world = World(api, access, reader_of(access), prompts, {fact.name: fact for fact in known}, began)
        for road in ROADS:
            assert await road.told(world) == road.due(world), road.name
