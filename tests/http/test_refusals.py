"""Who was refused is written down with all that is known of them, also where nobody was let in."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from graph.app import DEPS, create_app
from graph.domain.actors import Scope
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.settings import Settings
from tests.fixtures import caller
from tests.http.toy import serve

FACES = ("/graphql?query={viewer{scopes}}", "/v1/models", "/api/public/projects", "/prompts/list", "/prompts/x")


async def read_refusals(deps: Deps) -> list[dict[str, Any]]:
    await deps.store.refusals.flush()
    found = await deps.store.database.collection("events").find({"kind": "refused"}).to_list()
    return sorted(found, key=lambda record: str(record["change"]["operation"]))


@pytest.mark.parametrize("is_revoked", [False, True], ids=["impersonating", "revoked"])
async def test_a_key_that_is_known_and_not_let_in_is_written_down(
    is_revoked: bool, mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings(mongodb_url=SecretStr(mongodb_url), mongodb_database=database_name, data_dir=tmp_path)
    app = create_app(settings, mongodb_url)
    async with serve(app) as client:
        key = await create_key(app[DEPS], caller(), "knocker", [Scope.PROMPTS_READ])
        headers = {"Authorization": f"Bearer {key.secret}", "X-Promptgraph-Actor": "boss"}
        if is_revoked:
            await revoke_key(app[DEPS], caller(), key.key.id)
        for path in FACES:
            async with client.get(path, headers=headers) as response:
                assert response.status == (401 if is_revoked else 403), path
                assert key.key.id not in await response.text()
        async with client.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=headers) as socket:
            await socket.send_json({"type": "connection_init"})
            assert (await socket.receive(20)).data == 4403
        records = await read_refusals(app[DEPS])
    assert len(records) == len(FACES) + 1
    assert {(record["key"], record["actor"]) for record in records} == {(key.key.id, key.key.actor_id)}
    assert {record["address"] for record in records} == {"127.0.0.1"}
