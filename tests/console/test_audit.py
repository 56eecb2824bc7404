"""What `promptgraph audit verify` says, and the code that it ends with."""

import io
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from rich.console import Console

from graph.console.audit import run_audit_list, run_audit_verify
from graph.console.terminal import Terminal
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.settings import Settings
from tests.fixtures import caller, deps, draft  # noqa: F401  # fixtures
from tests.search_sync.chains import number_all


async def verify(url: str, name: str, known: str | None = None) -> tuple[int, str]:
    told = io.StringIO()
    terminal = Terminal(Console(file=told), Console(file=told))
    return await run_audit_verify(Settings(mongodb_database=name), url, known, terminal), told.getvalue()


async def test_a_whole_chain_is_said_to_be_whole_with_its_head(
    deps: Deps,  # noqa: F811
    mongodb_url: str,
    database_name: str,
) -> None:
    await create_prompt(deps, caller(), draft())
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        (event,) = await number_all(client[database_name])
        code, told = await verify(mongodb_url, database_name)
        assert (code, told) == (0, f"1 records, whole from 1 to 1.\nhead 1:{event['hash']}\n")
        assert (await verify(mongodb_url, database_name, f"1:{event['hash']}"))[0] == 0
        assert (await verify(mongodb_url, database_name, f"1:{'0' * 64}"))[0] == 1
        await client[database_name].events.update_one({"seq": 1}, {"$set": {"kind": "deleted"}})
    code, told = await verify(mongodb_url, database_name)
    assert (code, told.strip()) == (1, f"Record 1 ({event['_id']}) was altered, or put in the place of another.")


async def test_the_list_has_a_tab_between_columns_and_one_line_for_each_change(
    deps: Deps,  # noqa: F811
    mongodb_url: str,
    database_name: str,
) -> None:
    await create_prompt(deps, caller(), draft("support/refund"))
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        await number_all(client[database_name])
    told = io.StringIO()
    await run_audit_list(deps, 10, Terminal(Console(file=told), Console(file=told)))
    header, line = told.getvalue().splitlines()
    columns = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert (columns["KIND"], columns["PROMPT"]) == ("created", "support/refund")


@pytest.mark.parametrize("known", ["", "1", "1:xyz", f"0:{'0' * 64}", f"1:{'A' * 64}"])
async def test_a_head_that_is_none_is_refused(mongodb_url: str, database_name: str, known: str) -> None:
    assert (await verify(mongodb_url, database_name, known))[0] == 2


async def test_a_database_that_does_not_answer_is_told(database_name: str) -> None:
    told = io.StringIO()
    terminal = Terminal(Console(file=told), Console(file=told))
    settings = Settings(mongodb_database=database_name)
    code = await run_audit_verify(settings, "mongodb://127.0.0.1:9/", None, terminal, patience=0.1)
    assert (code, told.getvalue().startswith("The chain was not followed")) == (2, True)
