"""The limiter around the toy, with keys that are good by name."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from graph.domain.actors import Access
from graph.domain.denials import UnauthenticatedError
from graph.domain.quotas import Quota
from graph.http.addresses import Addresses
from graph.http.faces import tell_limited
from graph.http.rate_limit import RateLimiter
from graph.store.buckets import MemoryBuckets
from tests.http.toy import Client, make_app, serve

ASK = {"query": "{hello}"}
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def make_limited(keys: int | None = 10, addresses: int | None = 3, proxies: tuple[str, ...] = ()) -> web.Application:
    """Keys begin with `good`; a second character tells them apart."""
    limiter = RateLimiter(
        MemoryBuckets(100),
        Quota("key", keys, 600.0) if keys else None,
        Quota("address", addresses, 600.0) if addresses else None,
        Addresses(proxies),
        lambda: NOW,
        most=100,
        tell=tell_limited,
    )

    async def make_context(request: web.Request) -> object:
        bearer = request.headers.get("Authorization", "")
        if bearer and not bearer.startswith("Bearer good"):
            raise UnauthenticatedError("No.")
        await limiter.recognise(request, Access(actor=None, key_id=bearer or None))
        return None

    return make_app(make_context=make_context, limiter=limiter)


async def ask(client: Client, bearer: str | None = None, **headers: str) -> tuple[int, dict[str, Any], Any]:
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    async with client.post("/graphql", json=ASK, headers=headers) as response:
        return response.status, await response.json(), response.headers


async def test_an_anonymous_caller_is_told_its_quota_and_then_to_wait() -> None:
    async with serve(make_limited()) as client:
        told = [(await ask(client))[2] for _ in range(3)]
        assert [headers["RateLimit"] for headers in told] == [f'"address";r={left};t={t}' for left, t in _countdown(3)]
        assert {headers["RateLimit-Policy"] for headers in told} == {'"address";q=3;w=600'}
        status, body, headers = await ask(client)
    assert status == 429
    assert body["errors"][0]["extensions"] == {"code": "RATE_LIMITED"}
    assert headers["Retry-After"] == "200"
    assert headers["RateLimit"] == '"address";r=0;t=200'
    assert headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/public/v2/prompts/a%2Fb", {"error": "TooManyRequestsError", "code": "RATE_LIMITED"}),
        ("/beta/litellm_prompt_management", {"code": "RATE_LIMITED"}),
        ("/v1/chat/completions", {"type": "requests", "param": None, "code": "rate_limit_exceeded"}),
        ("/prompts/a", {"code": "RATE_LIMITED"}),
    ],
)
async def test_each_face_tells_it_in_its_own_shape(path: str, told: dict[str, Any]) -> None:
    async with serve(make_limited(addresses=1)) as client:
        statuses = []
        for _ in range(2):
            async with client.get(path) as response:
                statuses.append(response.status)
                body, headers = await response.json(), response.headers
    assert (statuses, headers["Retry-After"]) == ([404, 429], "600")
    inner = body["errors"][0]["extensions"] if "errors" in body else body
    inner = inner["error"] if isinstance(inner.get("error"), dict) else inner
    messages = [inner.pop(name) for name in ("message", "detail") if name in inner] or [body["errors"][0]["message"]]
    assert inner == told
    assert "wait" in messages[0].lower() or "again" in messages[0].lower()


def _countdown(size: int) -> list[tuple[int, int]]:
    return [(size - taken, 600 // size * taken) for taken in range(1, size + 1)]


async def test_each_key_has_a_bucket_of_its_own_and_takes_nothing_from_its_address() -> None:
    async with serve(make_limited(keys=4)) as client:
        for bearer in ("good-a", "good-b"):
            answers = [await ask(client, bearer) for _ in range(5)]
            assert [status for status, _, _ in answers] == [200, 200, 200, 200, 429]
            assert answers[0][2]["RateLimit-Policy"] == '"key";q=4;w=600'
        assert [(await ask(client))[0] for _ in range(4)] == [200, 200, 200, 429]
        assert (await ask(client, "good-c"))[0] == 200


async def test_wrong_keys_are_refused_by_address_and_do_not_lock_others_out() -> None:
    async with serve(make_limited()) as client:
        assert (await ask(client, "good-a"))[0] == 200
        assert [(await ask(client, f"wrong-{n}"))[0] for n in range(5)] == [401, 401, 401, 429, 429]
        assert (await ask(client, "good-a"))[0] == 200
        assert (await ask(client))[0] == 200


async def test_every_path_is_charged_but_probes() -> None:
    async with serve(make_limited(addresses=2)) as client:
        for path, status in [("/nothing", 404), ("/graphql/assets/x", 404), ("/nothing", 429), ("/livez", 200)]:
            async with client.get(path) as response:
                assert response.status == status
                assert ("RateLimit" in response.headers) is (path != "/livez")


async def test_a_proxy_that_is_trusted_tells_callers_apart() -> None:
    async with serve(make_limited(addresses=1, proxies=("127.0.0.1",))) as client:
        seen = [(await ask(client, **{"X-Forwarded-For": f"9.9.9.9, 203.0.113.{n}"}))[0] for n in (1, 2, 1)]
    assert seen == [200, 200, 429]


async def test_who_is_not_trusted_cannot_pass_for_somebody_else() -> None:
    async with serve(make_limited(addresses=1)) as client:
        assert [(await ask(client, **{"X-Forwarded-For": f"203.0.113.{n}"}))[0] for n in (1, 2)] == [200, 429]


@pytest.mark.parametrize("bearer", ["good-a", None])
async def test_a_limit_that_is_not_set_is_none(bearer: str | None) -> None:
    async with serve(make_limited(keys=None if bearer else 1, addresses=1 if bearer else None)) as client:
        for _ in range(5):
            status, _, headers = await ask(client, bearer)
            assert status == 200
            assert "RateLimit" not in headers


async def test_the_page_of_another_origin_can_read_that_it_has_to_wait() -> None:
    async with serve(make_limited(addresses=1)) as client:
        headers = {"Origin": str(client._base_url).rstrip("/")}
        assert (await ask(client, **headers))[0] == 200
        status, _, told = await ask(client, **headers)
    assert status == 429
    assert "Origin" in told.getall("Vary")
