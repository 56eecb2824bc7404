"""Whoever alters, removes or reorders a record is found out, by the first record that is not as it was."""

from typing import Any

import pytest

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.chain import GENESIS
from search_sync.chain_check import Checked, Finding, Flaw, check_chain
from tests.fixtures import caller, draft
from tests.search_sync.chains import Database, number_all
from tests.search_sync.conftest import Document


@pytest.fixture
async def chain(deps: Deps, database: Database) -> list[Document]:
    """Five records."""
    for name in "abcde":
        await create_prompt(deps, caller(), draft(name))
    return await number_all(database)


async def found(database: Database, known: tuple[int, str] | None = None) -> Finding | None:
    return (await check_chain(database, known)).finding


async def test_a_chain_that_nobody_touched_is_whole(database: Database, chain: list[Document]) -> None:
    assert await check_chain(database) == Checked(1, 5, chain[-1]["hash"], is_anchored=True)
    assert await found(database, (3, chain[2]["hash"])) is None


async def test_an_empty_registry_has_a_whole_chain(database: Database) -> None:
    assert await check_chain(database) == Checked(1, 0, GENESIS, is_anchored=True)


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"actor": "somebody else"}},
        {"$set": {"change.to": 9}},
        {"$set": {"extra": None}},
        {"$unset": {"at": ""}},
        {"$set": {"hash": "0" * 64}},
        {"$unset": {"hash": ""}},
    ],
)
async def test_an_altered_record_is_named(database: Database, chain: list[Document], change: dict[str, Any]) -> None:
    await database.events.update_one({"seq": 3}, change)
    assert await found(database) == Finding(Flaw.ALTERED, 3, chain[2]["_id"])


async def test_a_removed_record_is_named_wherever_it_was(database: Database, chain: list[Document]) -> None:
    await database.events.delete_one({"seq": 5})
    assert await found(database) == Finding(Flaw.CUT, 5)
    await database.events.delete_one({"seq": 3})
    assert await found(database) == Finding(Flaw.MISSING, 3)
    await database.events.delete_one({"seq": 1})
    assert await found(database) == Finding(Flaw.MISSING, 1)


@pytest.mark.parametrize("end", [None, 3])
async def test_records_beyond_the_end_of_the_chain_are_named(
    database: Database, chain: list[Document], end: int | None
) -> None:
    """Else who removes what the chain knows of itself, or sets it back, would make it whole."""
    await database.sync_state.delete_one({"_id": "feed"})
    if end is not None:
        set_back = {"_id": "feed", "seq": end, "head": chain[end - 1]["hash"]}
        await database.sync_state.insert_one(set_back)
    assert await found(database) == Finding(Flaw.BEYOND, (end or 0) + 1, chain[end or 0]["_id"])


async def test_two_records_that_changed_places_are_named(database: Database, chain: list[Document]) -> None:
    await database.events.update_one({"_id": chain[1]["_id"]}, {"$set": {"seq": 3, "hash": chain[2]["hash"]}})
    await database.events.update_one({"_id": chain[2]["_id"]}, {"$set": {"seq": 2, "hash": chain[1]["hash"]}})
    assert await found(database) == Finding(Flaw.ALTERED, 2, chain[2]["_id"])


async def test_a_record_put_in_between_is_named(database: Database, chain: list[Document]) -> None:
    await database.events.insert_one({**chain[1], "_id": "p:2"})
    finding = await found(database)
    assert finding
    assert (finding.flaw, finding.seq) in ((Flaw.DOUBLE, 2), (Flaw.ALTERED, 2))


async def test_a_chain_that_was_made_anew_is_known_by_a_head_that_was_kept(
    database: Database, chain: list[Document]
) -> None:
    """Who may write to the database can do that, and the chain alone does not tell."""
    await database.events.update_many({}, {"$unset": {"seq": "", "hash": ""}, "$set": {"actor": "nobody"}})
    await database.sync_state.delete_one({"_id": "feed"})
    await number_all(database)
    assert await found(database) is None
    assert await found(database, (5, chain[4]["hash"])) == Finding(Flaw.FOREIGN, 5, chain[4]["_id"])
    assert await found(database, (9, chain[4]["hash"])) == Finding(Flaw.CUT, 6)
