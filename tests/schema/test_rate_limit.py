from datetime import UTC, datetime
from typing import Any

from graph.domain.quotas import Quota
from graph.operations.deps import Deps
from graph.operations.quotas import Account, Charge
from graph.schema.build import build_schema
from graph.schema.context import Context
from graph.store.buckets import MemoryBuckets
from tests.fixtures import caller

ASK = "{ viewer { rateLimit { limit remaining resetAt cost } } }"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def ask(deps: Deps, charge: Charge | None) -> Any:
    result = await build_schema().execute(ASK, context_value=Context(deps, caller(), charge=charge))
    assert result.data
    return result.data["viewer"]["rateLimit"]


async def test_a_caller_is_told_what_is_left_and_what_this_request_has_cost(deps: Deps) -> None:
    charge = Charge(MemoryBuckets(10, lambda: 0.0), Account("key:a", Quota("key", 60, 60.0)), lambda: NOW)
    await charge.spend(1)
    await charge.spend(4)
    told = {"limit": 60, "remaining": 55, "resetAt": "2026-11-21T00:00:05.000Z", "cost": 5}
    assert await ask(deps, charge) == told
    assert await ask(deps, charge.again()) == {
        **told,
        "cost": 0,
        "remaining": 60,
        "resetAt": "2026-11-21T00:00:00.000Z",
    }


async def test_without_a_limit_there_is_none_to_tell(deps: Deps) -> None:
    assert await ask(deps, None) is None
