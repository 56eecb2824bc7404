"""Prompts for programs that only fetch, on the whole server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from graph.app import create_app
from graph.settings import Settings
from tests.http.toy import Client, serve

CREATE = """mutation($name: String!, $text: String!) {
  promptCreate(input: {name: $name, template: {text: $text}}) { prompt { id } errors { __typename } } }"""
APPEND = """mutation($id: ID!) {
  promptVersionCreate(input: {promptId: $id, expectedLatest: 1, template: {text: "Hi {{you}}"}}) { isNew } }"""
LABEL = """mutation($id: ID!) {
  promptLabelSet(input: {promptId: $id, name: "production", version: {number: 1}}) { label { name } } }"""


@pytest.fixture
async def server(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Client]:
    settings = Settings(host="127.0.0.1", mongodb_database=database_name, data_dir=tmp_path)
    async with serve(create_app(settings, mongodb_url)) as client:
        yield client


async def run(server: Client, query: str, **variables: str) -> Any:
    async with server.post("/graphql", json={"query": query, "variables": variables}) as response:
        answer = await response.json()
    assert "errors" not in answer, answer
    return answer["data"]


async def make(server: Client, name: str, text: str = "Dear {{customer}},") -> str:
    made = await run(server, CREATE, name=name, text=text)
    return str(made["promptCreate"]["prompt"]["id"])


@pytest.fixture
async def prompt(server: Client) -> str:
    """Two versions, of which the first is in production."""
    made = await make(server, "support/refund reply")
    await run(server, APPEND, id=made)
    await run(server, LABEL, id=made)
    return made


async def fetch(server: Client, path: str, **query: str) -> tuple[int, Any]:
    async with server.get(f"/prompts/{path}", params=query) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("path", ["support/refund reply", "support%2Frefund%20reply"])
async def test_a_name_is_a_path_with_its_slashes_as_they_are_or_escaped(server: Client, prompt: str, path: str) -> None:
    status, told = await fetch(server, path)
    assert (status, told["id"], told["name"]) == (200, prompt, "support/refund reply")
    assert (told["version"], told["isLatest"], told["template"]) == (2, True, {"text": "Hi {{you}}"})
    assert told["variables"] == [{"name": "you", "type": "string"}]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("support/refund reply", {"label": "production"}),
        ("support/refund reply", {"version": "1"}),
        ("support/refund reply@production", {}),
        ("support/refund reply@1", {}),
    ],
)
async def test_a_label_or_a_number_selects_the_version(
    server: Client, prompt: str, path: str, query: dict[str, str]
) -> None:
    status, told = await fetch(server, path, **query)
    assert (status, told["version"], told["labels"], told["isLatest"]) == (200, 1, ["production"], False)


async def test_a_digest_selects_beside_the_name_as_in_it(server: Client, prompt: str) -> None:
    assert prompt
    digest = (await fetch(server, "support/refund reply@1"))[1]["digest"]
    for path, query in (("", {"version": f"sha256:{digest[:12]}"}), (f"@sha256:{digest}", {})):
        status, told = await fetch(server, f"support/refund reply{path}", **query)
        assert (status, told["version"]) == (200, 1)


async def test_an_exact_name_comes_before_a_selector(server: Client) -> None:
    await make(server, "support/other@1", "Another one.")
    await make(server, "support/other", "One.")
    _, told = await fetch(server, "support/other@1")
    assert told["template"] == {"text": "Another one."}


async def test_who_holds_the_version_is_told_so_until_the_label_moves(server: Client, prompt: str) -> None:
    url, query = "/prompts/support/refund reply", {"label": "production"}
    async with server.get(url, params=query) as first:
        held = {"If-None-Match": first.headers["ETag"]}
    async with server.get(url, params=query, headers=held) as again:
        assert (again.status, await again.read()) == (304, b"")
    await run(server, LABEL.replace("number: 1", "number: 2"), id=prompt)
    async with server.get(url, params=query, headers=held) as moved:
        assert (moved.status, (await moved.json())["version"]) == (200, 2)
        assert moved.headers["ETag"] != held["If-None-Match"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("nothing", {}, 404, "NOT_FOUND"),
        ("support/refund reply", {"version": "3"}, 404, "NOT_FOUND"),
        ("support/refund reply", {"label": "staging"}, 404, "NOT_FOUND"),
        ("support/refund reply", {"version": "1", "label": "production"}, 400, "BAD_USER_INPUT"),
        ("support/refund reply", {"version": "one"}, 400, "BAD_USER_INPUT"),
        ("support/refund reply", {"label": "No Label"}, 400, "BAD_USER_INPUT"),
        ("support/refund reply@2", {"version": "1"}, 400, "BAD_USER_INPUT"),
        ("%00", {}, 404, "NOT_FOUND"),
    ],
)
async def test_what_selects_nothing_is_told_and_nothing_else_is_given_instead(
    server: Client, prompt: str, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answered, told = await fetch(server, path, **query)
    assert (answered, told["errors"][0]["extensions"]["code"]) == (status, code)


async def test_a_parameter_that_is_given_twice_is_refused(server: Client, prompt: str) -> None:
    async with server.get("/prompts/support/refund reply?label=production&label=staging") as response:
        told = await response.json()
    assert (response.status, told["errors"][0]["message"]) == (400, "Give each parameter once.")


async def test_the_latest_may_be_asked_for_as_a_label(server: Client, prompt: str) -> None:
    status, told = await fetch(server, "support/refund reply", label="latest")
    assert (status, told["version"]) == (200, 2)


async def test_head_tells_the_tag_alone(server: Client, prompt: str) -> None:
    async with server.head("/prompts/support/refund reply") as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["ETag"]


async def test_without_a_key_a_hidden_prompt_is_as_one_that_is_not_there(
    server: Client, prompt: str, mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings.model_validate(
        {
            "host": "127.0.0.1",
            "mongodb_url": mongodb_url,
            "mongodb_database": database_name,
            "data_dir": tmp_path / "other",
            "anonymous": "public",
        }
    )
    async with serve(create_app(settings, mongodb_url)) as stranger:
        hidden, unknown = [await fetch(stranger, path) for path in ("support/refund reply", "nothing")]
        assert hidden == unknown
        assert hidden[0] == 404
        async with stranger.get("/prompts/x", headers={"Authorization": "Bearer pg_wrong"}) as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
