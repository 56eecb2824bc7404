from aiohttp import web

from graph.domain.feed import FeedState, FollowerState, Span
from graph.domain.limits import RequestLimits
from graph.http.engine import Engine
from graph.http.explorer import Explorer
from graph.http.graphql import GraphQLHandler
from graph.http.metrics import Metrics
from graph.http.middleware import middlewares
from graph.http.origin import OriginRules
from graph.http.routes import routes
from search_sync.status import Fate, State, Status
from tests.http.toy import Client, all_is_well, build_toy, make_mask, no_context, serve


def make_app(status: Status | None) -> web.Application:
    async def read() -> Status | None:
        return status

    async def tell() -> dict[str, object]:
        return {"state": "unavailable"}

    async def read_feed() -> FeedState | None:
        return FeedState(is_numbered=True, span=Span(3, 9), unnumbered=2) if status else None

    async def read_references() -> FollowerState | None:
        return FollowerState(is_working=True, waiting=4) if status else None

    mask, metrics, explorer = (
        make_mask(),
        Metrics(read, read_feed, read_references, lambda: status is not None),
        Explorer(),
    )
    rules = OriginRules("127.0.0.1", (), (), local=True)
    app = web.Application(middlewares=[metrics.observe(), *middlewares(rules, mask, lambda: "id")])
    handler = GraphQLHandler(Engine(build_toy(), RequestLimits(), mask), RequestLimits(), no_context, explorer)
    app.add_routes(routes(handler, explorer, all_is_well, {"index": tell}, metrics))
    return app


async def read(client: Client) -> str:
    async with client.get("/metrics") as response:
        assert response.status == 200
        return await response.text()


async def test_the_worker_s_figures_are_told() -> None:
    status = Status(State.FOLLOWING, pending=7, counts_all=True, lag_ms=120, dead_letters=2)
    status.count(Fate.INDEXED, 5)
    async with serve(make_app(status)) as client:
        text = await read(client)
    for line in ("up 1.0", "lag_milliseconds 120.0", "pending_changes 7.0", "dead_letters 2.0"):
        assert f"promptgraph_sync_{line}\n" in text
    for line in ("up 1.0", "last_seq 9.0", "unnumbered_events 2.0"):
        assert f"promptgraph_feed_{line}\n" in text
    for line in ("up 1.0", "waiting_events 4.0"):
        assert f"promptgraph_references_{line}\n" in text
    assert "promptgraph_changes_heard 1.0\n" in text
    assert "promptgraph_sync_documents_indexed_total 5.0\n" in text
    assert all(f"promptgraph_sync_{fate.value}_total " in text for fate in Fate)


async def test_what_waits_is_not_told_while_it_is_not_all_counted() -> None:
    async with serve(make_app(Status(State.WAITING, pending=7, lag_ms=120))) as client:
        text = await read(client)
    assert "promptgraph_sync_pending_changes" not in text
    assert "promptgraph_sync_lag_milliseconds 120.0\n" in text


async def test_without_a_worker_only_that_is_told() -> None:
    async with serve(make_app(None)) as client:
        text = await read(client)
    assert "promptgraph_sync_up 0.0\n" in text
    assert "promptgraph_changes_heard 0.0\n" in text
    assert "promptgraph_sync_lag" not in text
    assert "promptgraph_feed" not in text
    assert "promptgraph_references" not in text


async def test_callers_make_no_labels() -> None:
    async with serve(make_app(None)) as client:
        for number in range(50):
            async with client.get(f"/nothing/{number}") as response:
                assert response.status == 404
        text = await read(client)
    assert 'promptgraph_request_seconds_count{path="other",status="404"} 50.0\n' in text
    assert "/nothing/" not in text


async def test_an_index_that_is_down_makes_no_server_unready() -> None:
    async with serve(make_app(None)) as client, client.get("/readyz") as response:
        assert response.status == 200
        assert (await response.json())["index"] == {"state": "unavailable"}
