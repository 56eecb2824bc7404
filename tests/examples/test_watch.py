"""The example page in a real browser: it shows what changes in its folder, and nothing else."""

from pathlib import Path

from aiohttp import web

from graph.app import create_app
from graph.settings import Settings
from tests.browser import NEEDS_BROWSER, browse
from tests.http.toy import serve

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = NEEDS_BROWSER


async def test_the_page_of_another_origin_shows_what_changes_in_its_folder(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    pages = web.Application()
    pages.router.add_static("/", EXAMPLES)
    async with serve(pages) as origin, origin.get("/watch.html") as page:
        allowed = (str(page.url.origin()),)
        settings = Settings(mongodb_database=database_name, data_dir=tmp_path, allowed_origins=allowed)
        async with serve(create_app(settings, mongodb_url)) as client, client.get("/livez") as alive:
            server = str(alive.url.origin())
            seen = await browse("watch.mjs", str(page.url.with_query(server=server, folder="support")), server)
    assert seen == {"lines": ["CREATED support/<b>bold</b>", "CREATED support/last"], "complaints": []}
