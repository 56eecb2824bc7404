"""Better rules reach what was written before them."""

import asyncio

from graph.checks.examiner import CHECKER
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.reexamination import examine_again, reexamining
from graph.operations.versions import append_version
from graph.store.database import Document
from tests.checks.tokens import GITHUB
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")


async def make_old(deps: Deps, name: str, checks: Document | None) -> str:
    """A prompt whose newest of two versions leaks, as another release left it."""
    prompt = await create_prompt(deps, ADA, draft(name))
    await append_version(deps, ADA, prompt.id, 1, text_version(f"Key {GITHUB}"))
    change = {"$set": {"versions.1.checks": checks}} if checks else {"$unset": {"versions.1.checks": ""}}
    await deps.store.database.collection("prompts").update_one({"_id": prompt.id}, change)
    return prompt.id


async def kinds(records: Records, prompt_id: str) -> list[str]:
    (document,) = await records.all("prompts", _id=prompt_id)
    found: list[str] = document["versions"][-1]["checks"]["kinds"]
    return found


async def test_what_no_rules_or_older_ones_examined_is_examined_once(deps: Deps, records: Records) -> None:
    none = await make_old(deps, "none", None)
    older = await make_old(deps, "older", {"checker": CHECKER - 1, "kinds": [], "findings": []})
    newer = await make_old(deps, "newer", {"checker": CHECKER + 1, "kinds": ["script"], "findings": []})
    before = {one["_id"]: one["rev"] for one in await records.all("prompts")}
    events = await records.count("events")
    assert await examine_again(deps) == 2
    assert [await kinds(records, one) for one in (none, older, newer)] == [["secret"], ["secret"], ["script"]]
    assert {one["_id"]: one["rev"] for one in await records.all("prompts")} == before
    assert await records.count("events") == events
    await make_old(deps, "later", None)
    assert await examine_again(deps) == 0


async def test_a_version_that_came_meanwhile_keeps_its_own_findings(deps: Deps, records: Records) -> None:
    old = await make_old(deps, "old", None)
    (version,) = await deps.store.examinations.read_newest((old,))
    await append_version(deps, ADA, old, 2, text_version("Clean"))
    (current,) = await deps.store.examinations.read_newest((old,))
    assert current.examination is not None
    await deps.store.examinations.keep(version, current.examination)
    assert await kinds(records, old) == []
    (document,) = await records.all("prompts", _id=old)
    assert "checks" not in document["versions"][1]


async def test_it_goes_on_in_the_background(deps: Deps, records: Records) -> None:
    old = await make_old(deps, "old", None)
    async with asyncio.timeout(20), reexamining(deps):
        while await deps.store.examinations.read_checker() < CHECKER:  # noqa: ASYNC110  # another task writes it
            await asyncio.sleep(0.01)
    assert await kinds(records, old) == ["secret"]
