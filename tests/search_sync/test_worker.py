"""The whole way, from a change in the store to the index and the checkpoint."""

from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.prompts import LATEST_VERSION
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from search_sync.lease import Lease
from search_sync.status import State
from tests.fixtures import caller, draft, text_version
from tests.search_sync.conftest import Document, Start, is_in_step, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]


async def test_what_was_there_and_what_comes_is_in_the_index(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    ada = caller()
    old = await create_prompt(deps, ada, draft("support/old"))
    async with start() as worker:
        await until(lambda: old.id in index.documents)
        new = await create_prompt(deps, ada, draft("support/new", "Dear {{customer}},"))
        await append_version(deps, ada, new.id, 1, text_version("Hello {{customer}},"))
        await set_label(deps, ada, new.id, "production", LATEST_VERSION)
        await rate_prompt(deps, ada, new.id, 4)
        await archive_prompt(deps, ada, new.id)
        await delete_prompt(deps, ada, old.id, old.name)
        await until(lambda: is_in_step(database, index))
        document = index.documents[new.id]
        assert (document.text, document.labels, document.average) == ("Hello {{customer}},", ("production",), 4.0)
        assert document.is_archived
        assert document.rev == 5
        assert old.id not in index.documents
        assert worker.status.state is State.FOLLOWING


async def test_the_checkpoint_is_gone_on_from(deps: Deps, database: Database, index: PlainIndex, start: Start) -> None:
    async with start():
        await until(lambda: index.builds)
        await create_prompt(deps, caller(), draft("a"))
        await until(lambda: is_in_step(database, index))

        async def is_kept() -> bool:
            told = await Lease(database, "index", "somebody", 5).read()
            return bool(told.checkpoint and told.checkpoint.indexed_at and told.status and told.status.pending == 0)

        await until(is_kept)
    await create_prompt(deps, caller(), draft("b"))
    async with start():
        await until(lambda: is_in_step(database, index))
    assert index.builds == 1
