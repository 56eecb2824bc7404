"""Finding one's own changes: `consistentWith`."""

import asyncio

import pytest

from graph.domain.errors import (
    InvalidCursorError,
    InvalidSearchTokenError,
)
from graph.operations.search_tokens import SEARCH_TOKEN
from graph.schema.node import decode_id
from tests.schema.search.searcher import Searcher


async def test_consistent_with_waits_for_the_change(searcher: Searcher) -> None:
    for number in range(10):
        payload = await searcher.api.change(
            "promptCreate", {"name": f"new/{number}", "template": {"text": "x"}}, "prompt { id } searchToken"
        )
        found = await searcher.search(filter={"folders": ["new"]}, token=payload["searchToken"])
        assert found["totalCount"] == number + 1
        assert found["pendingChanges"] == 0
        assert found["indexedAt"] is not None
    deleted = await searcher.api.change(
        "promptDelete", {"promptId": payload["prompt"]["id"], "confirmName": "new/9"}, "searchToken"
    )
    found = await searcher.search(filter={"folders": ["new"]}, token=deleted["searchToken"])
    assert found["totalCount"] == 9


async def test_what_does_not_come_in_two_seconds_is_not_waited_for(searcher: Searcher) -> None:
    prompt = await searcher.api.create()
    deps = searcher.api.deps
    plain = decode_id(prompt["id"])
    assert plain
    token = deps.signer.sign(SEARCH_TOKEN, (plain.parts[0], 1_000))
    started = asyncio.get_running_loop().time()
    assert (await searcher.search(token=token))["totalCount"] == 1
    assert 1.9 < asyncio.get_running_loop().time() - started < 4


@pytest.mark.parametrize("token", ["", "forged", "AAAAAAAAAAAAAAAAWyJhIiwxXQ", "\ud800", "é"])
async def test_a_forged_token_is_refused(searcher: Searcher, token: str) -> None:
    assert isinstance(await searcher.refuse(token=token), InvalidSearchTokenError)


async def test_a_cursor_is_no_token_and_a_token_no_cursor(zoo: Searcher) -> None:
    cursor = (await zoo.search(first=1))["pageInfo"]["endCursor"]
    assert isinstance(await zoo.refuse(token=cursor), InvalidSearchTokenError)
    payload = await zoo.api.change("promptCreate", {"name": "t", "template": {"text": "x"}}, "searchToken")
    assert isinstance(await zoo.refuse(after=payload["searchToken"]), InvalidCursorError)
