"""The way of a newcomer: one command, a file of prompts, and everything that can be done with one of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeServer
from tests.e2e.server import Ended, Server, run_command
from tests.store.mongod.conftest import list_processes

COLLECTION = Path(__file__).parents[3] / "shared/data/prompts.csv"
FEW = """act,prompt,for_devs,type,contributor
Ethereum Developer,"Imagine you are an Ethereum developer, ""experienced"".
Write a contract.",TRUE,TEXT,ada
Linux Terminal,"Act as a terminal for ${user:root}.",FALSE,TEXT,"ada,grace"
"""
TITLE = "Linux Terminal"

PROMPT = """query($by: PromptBy!) { prompt(by: $by) {
  id name title revision
  latestVersion { number template { ... on TextTemplate { text } } variables { name defaultValue } }
  versions { nodes { number changeNote } totalCount }
  labels { name version { number } history { nodes { fromVersion { number } toVersion { number } } } }
  viewerRating { score comment version { number } }
  ratingSummary { average count histogram { score count } }
} }"""
LIST = """query($filter: PromptFilter, $first: Int) {
  prompts(filter: $filter, first: $first, orderBy: {field: NAME, direction: ASC}) {
    totalCount nodes { id name title tags } pageInfo { hasNextPage } } }"""
APPEND = """mutation($input: PromptVersionCreateInput!) {
  promptVersionCreate(input: $input) { version { number } isNew errors { __typename } } }"""
LABEL = """mutation($input: PromptLabelSetInput!) {
  promptLabelSet(input: $input) { label { version { number } } previousVersion { number } errors { __typename } } }"""
RATE = """mutation($input: PromptRateInput!) {
  promptRate(input: $input) { rating { score } errors { __typename } } }"""
RENDER = """mutation($input: PromptRenderInput!) { promptRender(input: $input) {
  rendering { version { number } content { ... on RenderedText { text } } } errors { __typename } } }"""


@pytest.fixture
def collection(tmp_path: Path) -> tuple[Path, int]:
    """A CSV of prompts, and how many it holds: the public collection where it is there, else a few lines."""
    if COLLECTION.is_file():
        return COLLECTION, 1126
    file = tmp_path / "prompts.csv"
    file.write_text(FEW)
    return file, 2


async def command(server: Server, *arguments: str) -> Ended:
    """On the server's own data directory; it must succeed."""
    ended = await run_command(*arguments, "--data-dir", str(server.data_dir), cwd=server.data_dir.parent)
    assert ended.code == 0, ended
    return ended


async def find(server: Server, title: str) -> dict[str, Any]:
    """The prompt of this title, as lists show it."""
    page: dict[str, Any] = {"pageInfo": {"hasNextPage": True}}
    nodes: list[dict[str, Any]] = []
    query = "query($after: String) { prompts(first: 100, after: $after) { %s } }"
    fields = "nodes { id name title } pageInfo { hasNextPage endCursor }"
    while page["pageInfo"]["hasNextPage"]:
        after = page["pageInfo"].get("endCursor")
        page = (await server.graphql(query % fields, {"after": after})).data["prompts"]
        nodes += page["nodes"]
    [found] = [node for node in nodes if node["title"] == title]
    return found


async def read(server: Server, prompt_id: str) -> dict[str, Any]:
    prompt: dict[str, Any] = (await server.graphql(PROMPT, {"by": {"id": prompt_id}})).data["prompt"]
    return prompt


async def change(server: Server, mutation: str, **input: Any) -> dict[str, Any]:
    """The payload of a mutation that must succeed."""
    [payload] = (await server.graphql(mutation, {"input": input})).data.values()
    assert payload["errors"] == []
    done: dict[str, Any] = payload
    return done


async def work_on(server: Server, prompt_id: str) -> None:
    """Three versions, a label that has moved twice, and a rating."""
    for number, text in ((2, "You are {{who}}. Reply to {{ask}}."), (3, "You are {{who}}. Answer {{ask}} briefly.")):
        note = "shorter" if number == 3 else None
        input = {"promptId": prompt_id, "expectedLatest": number - 1, "template": {"text": text}, "changeNote": note}
        assert (await change(server, APPEND, **input))["version"] == {"number": number}
    for number, before in ((1, None), (3, {"number": 1}), (2, {"number": 3})):
        moved = await change(server, LABEL, promptId=prompt_id, name="production", version={"number": number})
        assert moved["previousVersion"] == before
    await change(server, RATE, promptId=prompt_id, score=4, comment="does what it says")


def assert_worked_on(prompt: dict[str, Any]) -> None:
    assert prompt["latestVersion"]["number"] == 3
    assert [version["number"] for version in prompt["versions"]["nodes"]] == [3, 2, 1]
    assert prompt["versions"]["nodes"][0]["changeNote"] == "shorter"
    [label] = prompt["labels"]
    assert (label["name"], label["version"]) == ("production", {"number": 2})
    moves = [(move["fromVersion"], move["toVersion"]) for move in label["history"]["nodes"]]
    assert moves == [({"number": 3}, {"number": 2}), ({"number": 1}, {"number": 3}), (None, {"number": 1})]
    assert prompt["viewerRating"] == {"score": 4, "comment": "does what it says", "version": {"number": 3}}
    assert (prompt["ratingSummary"]["average"], prompt["ratingSummary"]["count"]) == (4.0, 1)
    assert prompt["revision"] == 7  # made, 2 versions, 3 moves, 1 rating


async def test_everything_a_newcomer_does_works_and_is_there_after_a_restart(
    make_server: MakeServer, collection: tuple[Path, int]
) -> None:
    file, count = collection
    server = make_server("my data")
    await server.start()
    assert (await server.get("/livez")).status == 200
    assert (await server.get("/readyz")).status == 200

    summary = (await command(server, "import", str(file))).out
    assert f"created{count:>13}" in summary
    assert f"unchanged{count:>11}" in (await command(server, "import", str(file))).out
    listed = (await server.graphql(LIST, {"first": 1})).data["prompts"]
    assert listed["totalCount"] == count
    assert listed["pageInfo"]["hasNextPage"]

    prompt = await find(server, TITLE)
    by_label = {"filter": {"labels": ["production"]}}
    assert (await server.graphql(LIST, by_label)).data["prompts"]["totalCount"] == 0
    await work_on(server, prompt["id"])
    assert_worked_on(await read(server, prompt["id"]))
    found = (await server.graphql(LIST, by_label)).data["prompts"]
    assert [node["id"] for node in found["nodes"]] == [prompt["id"]]

    asked = {"prompt": {"name": prompt["name"]}, "version": {"label": "production"}}
    values = {"who": "{{ask}}", "ask": "日本 🏃🏽‍♀️"}
    rendered = await change(server, RENDER, **asked, variables=values)
    text = "You are {{ask}}. Reply to 日本 🏃🏽‍♀️."
    assert rendered["rendering"] == {"version": {"number": 2}, "content": {"text": text}}

    before = await read(server, prompt["id"])
    assert await server.stop() == 0
    assert list_processes(server.data_dir) == {}, "nothing stays behind"
    await server.start()
    assert await read(server, prompt["id"]) == before
    assert (await server.graphql(LIST, {"first": 1})).data["prompts"]["totalCount"] == count
    assert await server.stop() == 0


async def test_export_is_the_same_while_the_server_runs_and_after_it_has_stopped(
    make_server: MakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "few.csv"
    file.write_text(FEW)
    server = make_server()
    await server.start()
    await command(server, "import", str(file))
    await work_on(server, (await find(server, TITLE))["id"])
    await command(server, "export", str(tmp_path / "running.jsonl"))
    assert (await server.get("/readyz")).status == 200, "the command left the server its database"
    await server.stop()
    await command(server, "export", str(tmp_path / "stopped.jsonl"))
    assert list_processes(server.data_dir) == {}

    lines = (tmp_path / "running.jsonl").read_bytes()
    assert (tmp_path / "stopped.jsonl").read_bytes() == lines
    exported = {prompt["title"]: prompt for prompt in map(json.loads, lines.splitlines())}
    assert len(exported) == 2
    assert len(exported[TITLE]["versions"]) == 3

    copy = make_server("copy")
    await command(copy, "import", str(tmp_path / "running.jsonl"))
    await command(copy, "export", str(tmp_path / "copied.jsonl"))
    assert (tmp_path / "copied.jsonl").read_bytes() == lines
