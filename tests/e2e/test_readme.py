"""What the README has a newcomer type works as it is written, from the first line to the last."""

import json
import re
from pathlib import Path
from typing import Any

from graph.app import create_app
from graph.settings import Settings
from tests.http.toy import Client, serve
from tests.webhooks.hooked import until

ROOT = Path(__file__).parents[2]
README, OPENAI = ((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/openai.md"))
CALL = re.compile(r"curl (?:-i )?'?localhost:8080(\S+?)'?(?:$| -H .*? -d '(.*?)'\n)", re.MULTILINE | re.DOTALL)


async def ask(client: Client, query: str) -> Any:
    """The one root field of the answer, which has no error."""
    async with client.post("/graphql", json={"query": query}) as response:
        told = await response.json()
    assert "errors" not in told, (query, told)
    [field] = told["data"].values()
    return field


async def test_the_readme_s_requests_work_in_their_order(mongodb_url: str, database_name: str, tmp_path: Path) -> None:
    *mutations, compare, search = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    fetch = CALL.search(README)
    call = CALL.search(OPENAI)
    assert len(mutations) == 4
    assert fetch
    assert call
    prompt_id = "…"
    async with serve(create_app(Settings(mongodb_database=database_name, data_dir=tmp_path), mongodb_url)) as client:
        for mutation in mutations:
            payload = await ask(client, mutation.replace("…", prompt_id))
            assert payload["errors"] == [], mutation
            prompt_id = payload.get("prompt", {}).get("id", prompt_id)
        version = (await ask(client, compare))["version"]
        assert version["changesFrom"]["isBreaking"]
        assert version["preview"] == {"missingVariables": [{"name": "amount"}]}
        async with client.get(fetch[1]) as fetched:
            plain = await fetched.json()
        assert (plain["name"], plain["version"], plain["label"]) == ("support/refund-reply", 2, "production")
        async with client.post(call[1], json=json.loads(call[2])) as answered:
            completion = await answered.json()
        assert completion["choices"][0]["message"]["content"] in OPENAI
        found = await until(lambda: ask(client, search), lambda answer: answer["totalCount"])
        assert [edge["node"]["name"] for edge in found["edges"]] == ["support/refund-reply"]
