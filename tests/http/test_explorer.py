import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from graph.http.explorer import Explorer
from tests.http.toy import Client, make_app, serve

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    built.mkdir()
    (built / "graphiql.js").write_text("export {};")
    (built / "graphiql.css").write_text("body {}")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "folder").mkdir()
    (built / "folder" / "inner.js").write_text("secret")
    return built


async def open_page(client: Client) -> tuple[str, str]:
    async with client.get("/graphql", headers=BROWSER) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        return await response.text(), response.headers["Content-Security-Policy"]


async def test_a_browser_is_shown_the_page_with_the_servers_own_files(assets: Path) -> None:
    async with serve(make_app(explorer=Explorer(assets=assets))) as client:
        page, policy = await open_page(client)
        assert "https://" not in page + policy
        for name, kind in (("graphiql.js", "application/javascript"), ("graphiql.css", "text/css")):
            assert f"/graphql/assets/{name}" in page
            async with client.get(f"/graphql/assets/{name}") as response:
                assert (response.status, response.content_type) == (200, kind)


async def test_without_its_files_the_page_takes_the_pinned_versions_from_a_cdn(tmp_path: Path) -> None:
    async with serve(make_app(explorer=Explorer(assets=tmp_path))) as client:
        page, policy = await open_page(client)
    assert re.search(r"https://esm\.sh/graphiql@\d+\.\d+\.\d+", page)
    assert set(re.findall(r"https://[^/\"; ]+", page + policy)) == {"https://esm.sh"}


async def test_each_inline_script_of_the_page_is_allowed_by_its_hash(tmp_path: Path) -> None:
    async with serve(make_app(explorer=Explorer(assets=tmp_path))) as client:
        page, policy = await open_page(client)
    scripts = re.findall(r'<script type="(?:importmap|module)">(.*?)</script>', page, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        assert b64encode(sha256(script.encode()).digest()).decode() in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src 'unsafe-inline'" not in policy


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../secret.txt",
        "..%2Fsecret.txt",
        "%2e%2e/secret.txt",
        "folder",
        "folder%2Finner.js",
        "%2Fetc%2Fpasswd",
    ],
)
async def test_nothing_but_the_pages_files_can_be_asked_for(assets: Path, name: str) -> None:
    async with (
        serve(make_app(explorer=Explorer(assets=assets))) as client,
        client.get(f"/graphql/assets/{name}") as response,
    ):
        assert response.status in (400, 404)
        assert "secret" not in await response.text()


async def test_an_example_cannot_break_out_of_the_page(assets: Path) -> None:
    async with serve(make_app(explorer=Explorer(assets=assets, example="# </script><script>alert(1)"))) as client:
        page, _ = await open_page(client)
    assert "<script>alert" not in page


async def test_a_program_at_the_same_address_is_answered_in_json(client: Client) -> None:
    async with client.get("/graphql", params={"query": "{hello}"}) as response:
        assert await response.json() == {"data": {"hello": "Hello you"}}


async def test_the_servers_address_leads_to_the_page(client: Client) -> None:
    async with client.get("/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/graphql")
