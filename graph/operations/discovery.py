"""Discovery: what the index is asked on a caller's behalf. The index picks and counts; hits are read from the store.

Visibility is part of what the index is asked, so nothing that a caller may not read is in hits, counts or totals.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.errors import PyMongoError

from graph.discovery.search import Question, SearchPage, check_similar, make_search, sight_of_access
from graph.domain.actors import Access
from graph.domain.outages import IndexUnavailableError
from graph.operations.deps import Deps
from graph.operations.search_tokens import read_token
from search_sync.freshness import Freshness, FreshnessReader
from search_sync.index import protocol
from search_sync.index.protocol import SearchIndex

WAIT_SECONDS = 2.0
COUNTING_SECONDS = 0.35  # a beat of the worker, and what it takes to be read
UNKNOWN = Freshness(None, None)


async def search_prompts(
    deps: Deps, access: Access, question: Question, token: str | None = None, tells: bool = False
) -> tuple[SearchPage, Freshness]:
    """A page of what the caller may see, and how far the index had come before it was asked, where `tells` wants that.

    With a search token it waits until the index holds the change that the token names, at most two seconds. Raises
    InvalidInputError, InvalidCursorError, InvalidSearchTokenError and IndexUnavailableError.
    """
    search = make_search(question, access, deps.signer, deps.limits)
    named = read_token(deps, token) if token is not None else None
    async with _asking(deps, WAIT_SECONDS if named else 0.0) as index:
        if named and deps.freshness:
            await _wait_for(deps.freshness, *named, deps.index_seconds)
        # Read before the index is asked: what is not pending then is in the answer.
        freshness = await get_freshness(deps, COUNTING_SECONDS if named else 0.0) if tells else UNKNOWN
        return search.read(await index.search(search.request)), freshness


async def find_similar(deps: Deps, access: Access, prompt_id: str, first: int) -> tuple[str, ...]:
    """The ids of prompts whose content is near this one's, nearest first. Raises as `search_prompts` does."""
    check_similar(first, deps.limits)
    async with _asking(deps) as index:
        return tuple(hit.id for hit in await index.similar(prompt_id, sight_of_access(access), first))


async def get_freshness(deps: Deps, patience: float = 0.0) -> Freshness:
    """How far the index has come; None for what nobody can tell now. `patience` is for what may just be done."""
    if deps.freshness is None:
        return UNKNOWN
    try:
        async with asyncio.timeout(deps.index_seconds):
            return await (deps.freshness.tell_anew(patience) if patience else deps.freshness.tell())
    except (PyMongoError, TimeoutError):
        return UNKNOWN


async def _wait_for(freshness: FreshnessReader, prompt_id: str, revision: int, index_seconds: float) -> None:
    """Returns when the index holds the revision, or when it is no use to wait on.

    An index that does not even say what it holds is not waited for: no search would be answered either.
    """
    try:
        await freshness.wait_for(prompt_id, revision, WAIT_SECONDS, index_seconds)
    except PyMongoError:
        return


@asynccontextmanager
async def _asking(deps: Deps, besides: float = 0.0) -> AsyncIterator[SearchIndex]:
    """The index, for questions that are answered in time, or not at all."""
    if deps.index is None:
        raise IndexUnavailableError
    try:
        async with asyncio.timeout(deps.index_seconds + besides):
            yield deps.index
    except (protocol.IndexUnavailableError, TimeoutError) as error:
        raise IndexUnavailableError from error
