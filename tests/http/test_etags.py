"""What a cache may keep, as long as it asks each time whether it still holds."""

import pytest

from tests.http.toy import Client

HELLO = {"query": "{hello}"}


async def test_a_query_by_get_carries_a_tag_that_changes_with_the_answer(client: Client) -> None:
    tags = []
    for query in ("{hello}", "{hello}", '{hello(name: "Ada")}'):
        async with client.get("/graphql", params={"query": query}) as response:
            tags.append(response.headers["ETag"])
            assert response.headers["Cache-Control"] == "private, no-cache"
            assert "Authorization" in response.headers["Vary"]
    assert tags[0] == tags[1] != tags[2]


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"another", {tag}', "*"])
async def test_who_holds_the_answer_is_told_that_nothing_has_changed(client: Client, form: str) -> None:
    async with client.get("/graphql", params=HELLO) as response:
        tag = response.headers["ETag"]
    async with client.get("/graphql", params=HELLO, headers={"If-None-Match": form.format(tag=tag)}) as response:
        assert response.status == 304
        assert response.headers["ETag"] == tag
        assert response.headers["X-Request-Id"]
        assert await response.read() == b""


@pytest.mark.parametrize("stale", ['"another"', "", "rubbish"])
async def test_who_holds_another_answer_gets_this_one(client: Client, stale: str) -> None:
    async with client.get("/graphql", params=HELLO, headers={"If-None-Match": stale}) as response:
        assert response.status == 200
        assert await response.json() == {"data": {"hello": "Hello you"}}


@pytest.mark.parametrize("query", ["{broken}", "{hello", "{forbidden hello}"])
async def test_an_answer_with_errors_is_not_kept(client: Client, query: str) -> None:
    async with client.get("/graphql", params={"query": query}, headers={"If-None-Match": "*"}) as response:
        assert response.status in (200, 400)
        assert "ETag" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_query_by_post_is_not_kept_either(client: Client) -> None:
    async with client.post("/graphql", json=HELLO, headers={"If-None-Match": "*"}) as response:
        assert response.status == 200
        assert "ETag" not in response.headers
