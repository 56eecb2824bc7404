"""Who may do what on a configured database, where there is no local administrator: keys made by the command."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeServer
from tests.e2e.server import Answer, Ended, Server, run_command
from tests.store.mongod.conftest import wait_until

NAMES = "{ viewer { actor { displayName } scopes } prompts { totalCount nodes { name } } }"
BY_NAME = "query($by: PromptBy!) { prompt(by: $by) { name latestVersion { number } labels { name } } }"
CREATE = """mutation($input: PromptCreateInput!) {
  promptCreate(input: $input) { prompt { id author { displayName __typename } } errors { __typename } } }"""


@dataclass(frozen=True, slots=True)
class Place:
    """A database of the test's own, a server on it, and the command."""

    server: Server
    environment: dict[str, str]
    cwd: Path

    async def command(self, *arguments: str) -> Ended:
        ended = await run_command(*arguments, cwd=self.cwd, environment=self.environment)
        assert ended.code == 0, ended
        return ended

    async def key(self, name: str, *arguments: str) -> dict[str, str]:
        """The header of a new key."""
        return bearer((await self.command("apikey", "create", name, *arguments)).out)

    async def ask(self, headers: dict[str, str] | None = None) -> Answer:
        return await self.server.graphql(NAMES, headers=headers)

    async def create(self, headers: dict[str, str] | None, name: str, **input: Any) -> Answer:
        input = {"name": name, "template": {"text": "x"}, **input}
        return await self.server.graphql(CREATE, {"input": input}, headers)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret.strip()}"}


def names(answer: Answer) -> list[str]:
    return sorted(node["name"] for node in answer.data["prompts"]["nodes"])


@pytest.fixture
def environment(mongodb_url: str, database_name: str) -> dict[str, str]:
    return {"PROMPTGRAPH_MONGODB_URL": mongodb_url, "PROMPTGRAPH_MONGODB_DATABASE": database_name}


@pytest.fixture
async def place(make_server: MakeServer, environment: dict[str, str], tmp_path: Path) -> Place:
    server = make_server(**environment)
    await server.start()
    return Place(server, environment, tmp_path)


async def fill(place: Place) -> dict[str, str]:
    """A public and a private prompt; the key of who made them."""
    key = await place.key("ci")
    for name, visibility in (("open", "PUBLIC"), ("team/closed", "PRIVATE")):
        assert (await place.create(key, name, visibility=visibility)).data["promptCreate"]["errors"] == []
    return key


async def test_a_caller_without_a_key_reads_and_writes_nothing(place: Place) -> None:
    await fill(place)
    answer = await place.ask()
    assert answer.data == {"viewer": None, "prompts": {"totalCount": 0, "nodes": []}}
    for name in ("open", "team/closed"):
        assert (await place.server.graphql(BY_NAME, {"by": {"name": name}})).data == {"prompt": None}
    refused = await place.create(None, "mine")
    assert refused.codes == ["UNAUTHENTICATED"]
    assert "needs an API key" in refused.body["errors"][0]["message"]


async def test_a_caller_without_a_key_reads_public_prompts_where_the_server_lets_it(
    make_server: MakeServer, environment: dict[str, str], tmp_path: Path
) -> None:
    environment = {**environment, "PROMPTGRAPH_ANONYMOUS": "public"}
    server = make_server(**environment)
    await server.start()
    place = Place(server, environment, tmp_path)
    await fill(place)
    assert names(await place.ask()) == ["open"]
    assert (await server.graphql(BY_NAME, {"by": {"name": "team/closed"}})).data == {"prompt": None}
    assert (await place.create(None, "mine")).codes


async def test_the_server_says_that_callers_need_a_key(place: Place) -> None:
    await wait_until(lambda: "promptgraph apikey create NAME" in place.server.log.read_text())


async def test_a_key_does_what_it_was_made_for_until_it_is_revoked(place: Place) -> None:
    key = await fill(place)
    assert names(await place.ask(key)) == ["open", "team/closed"]
    listed = (await place.command("apikey", "list")).out
    heading, line = listed.splitlines()
    row = dict(zip(heading.split("\t"), line.split("\t"), strict=True))
    assert (row["STATE"], row["NAME"], row["ACTOR"], row["EXPIRES"]) == ("live", "ci", "ci", "never")
    assert key["Authorization"].removeprefix("Bearer ") not in listed

    await place.command("apikey", "revoke", row["ID"])
    answer = await place.ask(key)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await place.command("apikey", "list")).out.splitlines()[1].split("\t")[1] == "revoked"


async def test_a_rotated_key_does_what_the_old_one_did(place: Place) -> None:
    old = await fill(place)
    key_id = (await place.command("apikey", "list")).out.splitlines()[1].split("\t")[0]
    new = bearer((await place.command("apikey", "rotate", key_id)).out)
    assert (await place.ask(old)).status == 401
    answer = await place.ask(new)
    assert names(answer) == ["open", "team/closed"]
    assert answer.data["viewer"]["actor"] == {"displayName": "ci"}


async def test_a_key_that_nobody_made_is_401(place: Place) -> None:
    for secret in ("pg_" + "x" * 43, "sk-something", "x"):
        answer = await place.ask(bearer(secret))
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_a_key_reaches_no_further_than_its_scopes_and_folders(place: Place) -> None:
    await fill(place)
    reader = await place.key("reader", "--scope", "prompts:read", "--grant", "team:read")
    assert names(await place.ask(reader)) == ["team/closed"]
    refused = await place.create(reader, "team/new")
    assert refused.codes == ["FORBIDDEN"]
    assert refused.body["errors"][0]["extensions"]["requiredScope"] == "prompts:write"
    writer = await place.key("writer", "--grant", "team:write")
    assert (await place.create(writer, "team/new")).data["promptCreate"]["errors"] == []
    assert (await place.create(writer, "elsewhere")).codes == ["FORBIDDEN"]


async def test_acting_for_somebody_else_needs_the_scope_for_it(place: Place) -> None:
    ada = {"X-Promptgraph-Actor": "ada"}
    plain = await fill(place)
    refused = await place.ask(plain | ada)
    assert (refused.status, refused.codes) == (403, ["FORBIDDEN"])
    assert refused.body["errors"][0]["extensions"]["requiredScope"] == "actors:impersonate"
    assert (await place.ask(ada)).status == 401, "nobody acts for others without a key"

    wide = ["--scope", "prompts:read", "--scope", "prompts:write", "--scope", "actors:impersonate"]
    front_end = await place.key("front end", *wide)
    made = await place.create(front_end | ada, "ada's")
    assert made.data["promptCreate"]["prompt"]["author"] == {"displayName": "ada", "__typename": "User"}
    viewer = (await place.ask(front_end | ada)).data["viewer"]
    assert viewer["actor"]["displayName"] == "ada"
    assert "actors:impersonate" not in viewer["scopes"]
