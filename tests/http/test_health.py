import asyncio
from collections.abc import Mapping

import pytest

from graph.domain.outages import StoreUnavailableError
from graph.http import health
from tests.http.toy import Client, make_app, serve


async def readyz(client: Client) -> tuple[int, dict[str, object]]:
    async with client.get("/readyz") as response:
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, await response.json()


async def test_a_server_whose_parts_are_well_is_live_and_ready(client: Client) -> None:
    async with client.get("/livez") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    assert await readyz(client) == (200, {"status": "ok", "parts": {"store": "ok"}})


async def test_readiness_follows_the_store_and_life_does_not() -> None:
    state = {"up": False}

    async def ready() -> Mapping[str, str]:
        if not state["up"]:
            raise StoreUnavailableError
        return {"store": "ok"}

    async with serve(make_app(ready=ready)) as client:
        status, told = await readyz(client)
        assert (status, told["status"], told["code"]) == (503, "unavailable", "STORE_UNAVAILABLE")
        async with client.get("/livez") as response:
            assert response.status == 200
        state["up"] = True
        assert (await readyz(client))[0] == 200


async def test_one_part_that_is_not_well_is_enough() -> None:
    async def ready() -> Mapping[str, str]:
        return {"store": "ok", "index": "rebuilding"}

    async with serve(make_app(ready=ready)) as client:
        assert await readyz(client) == (
            503,
            {"status": "unavailable", "parts": {"store": "ok", "index": "rebuilding"}},
        )


async def test_a_part_that_hangs_does_not_hang_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ready() -> Mapping[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    async with serve(make_app(ready=ready)) as client:
        assert (await readyz(client))[0] == 503
