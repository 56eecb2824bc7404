"""Discovery over the real command: as you type, at once after a change, across restarts, kills and damage."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

import aiohttp

from search_sync.index.protocol import Batch
from search_sync.index.tantivy import TantivyIndex
from tests.e2e.conftest import MakeServer
from tests.e2e.server import Answer, Server, run_command

SEARCH = """query S($q: String! = "", $token: String) { promptSearch(query: $q, consistentWith: $token) {
  totalCount pendingChanges indexedAt nodes { name }
  edges { highlights { field snippet matches { start end } } } facets(fields: [TAG, KIND]) { values { value count } }
} }"""
CREATE = """mutation C($input: PromptCreateInput!) { promptCreate(input: $input) {
  prompt { id name } searchToken errors { __typename } } }"""
UPDATE = """mutation U($input: PromptUpdateInput!) { promptUpdate(input: $input) {
  prompt { id } searchToken errors { __typename } } }"""
CATCH_UP_SECONDS = 30.0
BEATS_SECONDS = 2.0


async def search(server: Server, query: str = "", token: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (await server.graphql(SEARCH, {"q": query, "token": token})).data["promptSearch"]
    return found


async def create(server: Server, name: str, text: str = "Say {{what}}") -> dict[str, Any]:
    made = (await server.graphql(CREATE, {"input": {"name": name, "template": {"text": text}}})).data["promptCreate"]
    assert made["errors"] == []
    found: dict[str, Any] = made
    return found


async def wait_for_total(server: Server, total: int) -> None:
    async with asyncio.timeout(CATCH_UP_SECONDS):
        while True:
            answer: Answer = await server.graphql(SEARCH)
            if not answer.codes and answer.data["promptSearch"]["totalCount"] == total:
                return
            await asyncio.sleep(0.05)


async def test_import_search_as_you_type_and_find_a_change_at_once(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    await server.start()
    rows = [f'"Refund writer {number}","Answer about refund {number}"' for number in range(50)]
    (tmp_path / "prompts.csv").write_text("\n".join(["act,prompt", *rows]) + "\n")
    ended = await run_command("import", "prompts.csv", "--data-dir", "data", cwd=tmp_path)
    assert ended.code == 0, ended.err
    await wait_for_total(server, 50)
    for typed in ("r", "ref", "refund", "refudn wri", "refund writer 7"):
        assert (await search(server, typed))["totalCount"] >= 1, typed
    assert (await search(server, "refund writer 7"))["nodes"][0] == {"name": "Refund writer 7"}
    for word in ("zebra", "giraffe", "walrus", "osprey", "lemming", "buffalo"):
        made = await create(server, f"quick/{word}", f"Count every {word}")
        found = await search(server, word, made["searchToken"])
        assert [node["name"] for node in found["nodes"]] == [f"quick/{word}"]
        assert found["pendingChanges"] == 0
        changed = {"promptId": made["prompt"]["id"], "description": word[::-1]}
        token = (await server.graphql(UPDATE, {"input": changed})).data["promptUpdate"]["searchToken"]
        assert (await search(server, word[::-1], token))["totalCount"] == 1


async def test_nothing_is_lost_by_a_restart_a_kill_or_a_damaged_index(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    await server.start()
    for number in range(10):
        made = await create(server, f"kept/{number}")
    await search(server, "", made["searchToken"])
    assert await server.stop() == 0
    await server.start()
    assert (await search(server, "kept"))["totalCount"] == 10
    for number in range(10, 20):
        await create(server, f"kept/{number}")
    await server.kill()
    await server.start()
    await wait_for_total(server, 20)
    assert await server.stop() == 0
    damage(server.data_dir / "index")
    await server.start()
    await wait_for_total(server, 20)
    await create(server, "kept/20")
    verified = await run_command("verify", "--data-dir", "data", cwd=tmp_path)
    assert (verified.code, verified.out.strip()) == (0, "0 differences"), verified.err
    await server.stop()
    shutil.rmtree(server.data_dir / "index")
    verified = await run_command("verify", "--repair", "--data-dir", "data", cwd=tmp_path)
    assert verified.code == 0, verified.err
    await server.start()
    assert (await search(server, "kept"))["totalCount"] == 21


def damage(index: Path) -> None:
    """Writes noise over every file that Tantivy keeps."""
    files = [path for path in index.rglob("*") if path.is_file() and "lock" not in path.name]
    assert files
    for path in files:
        path.write_bytes(b"\x00noise" * 10)


async def test_orders_are_carried_out_with_and_without_a_server(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    await server.start()
    made = await create(server, "one")
    await search(server, "", made["searchToken"])
    for _ in range(2):
        built = await run_command("reindex", "--data-dir", "data", cwd=tmp_path)
        assert (built.code, built.out.strip()) == (0, "The index was built anew with 1 prompts."), built.err
        verified = await run_command("verify", "--data-dir", "data", cwd=tmp_path)
        assert (verified.code, verified.out.strip()) == (0, "0 differences"), verified.err
        if server.is_running:
            assert (await search(server, "one"))["totalCount"] == 1
            assert await server.stop() == 0


async def test_verify_tells_each_difference_and_repair_mends_it(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    await server.start()
    made = [await create(server, f"kept/{number}") for number in range(5)]
    await search(server, "", made[-1]["searchToken"])
    await asyncio.sleep(BEATS_SECONDS)  # else the worker would write the last changes once more, and so mend them
    await server.stop()
    index = await TantivyIndex.open(server.data_dir / "index")
    lost = [one async for one, _, _ in index.scan()][:2]
    await index.write(Batch(gone=lost))
    await index.close()
    verified = await run_command("verify", "--data-dir", "data", cwd=tmp_path)
    assert verified.code == 1, verified.err
    lines = [f"missing  {one}  store revision 1, index none" for one in sorted(lost)]
    assert verified.out.splitlines() == [*lines, "2 differences"]
    await server.start()
    repaired = await run_command("verify", "--repair", "--data-dir", "data", cwd=tmp_path)
    assert repaired.code == 0, repaired.err
    assert repaired.out.splitlines() == [*lines, "2 differences", "2 repaired, 0 left"]
    assert (await search(server, "kept"))["totalCount"] == 5


async def test_a_second_server_on_the_directory_says_that_it_cannot_search(make_server: MakeServer) -> None:
    first, second = make_server(), make_server()
    await first.start()
    await create(first, "one")
    await second.start()
    answer = await second.graphql('{ promptSearch { totalCount } prompt(by: {name: "one"}) { name } }')
    assert answer.codes == ["INDEX_UNAVAILABLE"]
    assert answer.body["data"] == {"promptSearch": None, "prompt": {"name": "one"}}
    assert (await second.get("/readyz")).body["index"]["state"] == "unavailable"
    assert "another process has the search index open" in second.log.read_text()
    assert await second.stop() == 0


async def test_a_worker_beside_a_server_with_an_embedded_index_says_what_to_do(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server()
    await server.start()
    ended = await run_command("worker", "--data-dir", "data", cwd=tmp_path)
    assert ended.code == 2
    assert "PROMPTGRAPH_MEILISEARCH_URL" in ended.err


async def test_readyz_and_metrics_tell_of_the_index_and_the_references(make_server: MakeServer) -> None:
    server = make_server()
    await server.start()
    made = await create(server, "secret-name")
    await search(server, "secret-name", made["searchToken"])
    told = (await server.get("/readyz")).body
    index = told["index"]
    assert set(told["references"]) == {"follower", "waiting"}
    assert (index["state"], index["worker"], index["pendingChanges"], index["deadLetters"]) == ("ok", "following", 0, 0)
    async with aiohttp.ClientSession() as session, session.get(server.url + "/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await response.text()
    assert "promptgraph_sync_up 1.0" in text
    assert "promptgraph_references_up " in text
    # How many depends on the moment: what is made during the first build may be written by it and by the stream.
    assert re.search(r"^promptgraph_sync_documents_indexed_total \d+\.0$", text, re.MULTILINE)
    assert 'promptgraph_request_seconds_count{path="/graphql",status="200"} 2.0' in text
    assert "secret-name" not in text
