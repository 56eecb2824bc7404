"""The rules that the kill tests rest on see each kind of damage, or they would prove nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.limits import Limits
from graph.domain.patches import PromptPatch
from graph.domain.prompts import PromptDraft, VersionByNumber, VersionDraft
from graph.domain.templates import TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt, update_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from graph.registry import open_registry
from graph.settings import Settings
from tests.e2e.invariants import Document, find_faults, read_records
from tests.e2e.journal import Deed, Journal, compare_journal

NAME = "support/refund-reply"
EMBEDDED, VERSIONS = 4, 10


@dataclass(frozen=True, slots=True)
class Scene:
    """A database with a prompt to which everything has happened, and one that has been deleted."""

    database: AsyncDatabase[Document]
    prompt_id: str

    async def faults(self) -> list[str]:
        return find_faults(await read_records(self.database))


def version(text: str) -> VersionDraft:
    return VersionDraft(TextTemplate(text))


@pytest.fixture
async def scene(mongodb_url: str, database_name: str) -> AsyncIterator[Scene]:
    settings = Settings(
        mongodb_database=database_name, store_timeout_seconds=10, limits=Limits(embedded_versions=EMBEDDED)
    )
    async with open_registry(settings, mongodb_url) as deps:
        prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft(NAME, version("text 1")))
        for number in range(2, VERSIONS + 1):
            await append_version(deps, LOCAL_ACCESS, prompt.id, number - 1, version(f"text {number}"))
        for number in (1, 3):
            await set_label(deps, LOCAL_ACCESS, prompt.id, "stable", VersionByNumber(number))
        for score in (2, 5):
            await rate_prompt(deps, LOCAL_ACCESS, prompt.id, score)
        await update_prompt(deps, LOCAL_ACCESS, prompt.id, PromptPatch(title="Reply"))
        await archive_prompt(deps, LOCAL_ACCESS, prompt.id)
        gone = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("gone", version("text")))
        await delete_prompt(deps, LOCAL_ACCESS, gone.id, "gone")
    async with AsyncMongoClient[Document](mongodb_url, tz_aware=True) as client:
        yield Scene(client[database_name], prompt.id)


DAMAGES: dict[str, tuple[str, Document, Document | None, str]] = {
    "an event is gone": ("events", {"kind": "label_set", "rev": VERSIONS + 1}, None, "revisions"),
    "an event is of no known kind": ("events", {"kind": "updated"}, {"$set": {"kind": "changed"}}, "its events are"),
    "an event is of another version": ("events", {"change.number": 7}, {"$set": {"change.number": 8}}, "tell of"),
    "an event begins elsewhere": ("events", {"kind": "archived"}, {"$set": {"before.tags": ["a"]}}, "begins where"),
    "a revision is lost": ("prompts", {}, {"$inc": {"rev": -1}}, "at revision"),
    "a version is lost": ("prompts", {}, {"$pop": {"versions": 1}}, "has the versions"),
    "an archived version is lost": ("version_archives", {}, {"$pop": {"versions": -1}}, "has the versions"),
    "a bucket is mislabelled": ("version_archives", {}, {"$inc": {"first": 1}}, "a bucket from"),
    "the latest is another": ("prompts", {}, {"$inc": {"latest": -1}}, "for its latest"),
    "the history is miscounted": ("prompts", {}, {"$inc": {"history.count": 1}}, "counts its own"),
    "a label points elsewhere": ("prompts", {}, {"$set": {"labels.0.version": 2}}, "its labels are"),
    "the title is another": ("prompts", {}, {"$set": {"title": "Answer"}}, "its title is"),
    "it is live again": ("prompts", {}, {"$set": {"archived_at": None}}, "it is archived, or not"),
    "it is gone": ("prompts", {}, None, "not deleted, and not there"),
    "a rating is gone": ("ratings", {}, None, "its ratings are"),
    "a rating is another": ("ratings", {}, {"$set": {"score": 4}}, "sum up to"),
    "a summary is wrong": ("prompts", {}, {"$inc": {"rating.sum": 1}}, "sum up to"),
    "a version's summary is wrong": ("version_stats", {}, {"$inc": {"ratings.5": 1}}, "are counted as"),
    "a live prompt is marked": ("removals", {"_id": "LIVE"}, {"$set": {"at": None}}, "marked to be cleared"),
    "a deleted prompt's stats are left": ("version_stats", {}, {"$set": {"prompt_id": "GONE"}}, "something of it"),
}


async def test_a_registry_that_nothing_has_happened_to_has_no_faults(scene: Scene) -> None:
    assert await scene.faults() == []


@pytest.mark.parametrize(("collection", "where", "update", "fault"), DAMAGES.values(), ids=DAMAGES)
async def test_a_damage_is_seen(
    scene: Scene, collection: str, where: Document, update: Document | None, fault: str
) -> None:
    if update is None:
        await scene.database[collection].delete_one(where)
    else:
        [gone] = await scene.database.events.distinct("prompt_id", {"kind": "deleted"})
        if update == {"$set": {"prompt_id": "GONE"}}:
            update = {"$set": {"prompt_id": gone}}
        if where == {"_id": "LIVE"}:
            where = {"_id": scene.prompt_id}
        await scene.database[collection].update_one(where, update, upsert=True)
    assert [told for told in await scene.faults() if fault in told]


def journal(*deeds: Deed, **texts: str) -> Journal:
    """Of the local administrator, whose deeds the scene's are."""
    made = [Deed(NAME, "created", 1, 1), *(Deed(NAME, f"version {number}", 1, 1) for number in range(2, VERSIONS + 1))]
    rest = ["label stable 1", "label stable 3", f"rated {VERSIONS} 2", f"rated {VERSIONS} 5", "title Reply", "archived"]
    ended = [Deed("gone", "created", 1, 1), Deed("gone", "deleted", 1, 1)]
    known = {(NAME, int(number.removeprefix("v"))): text for number, text in texts.items()}
    return Journal("local", made + [Deed(NAME, token, 1, 1) for token in rest] + ended + list(deeds), known)


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        (journal(), 0),
        (journal(v1="text 1", v10="text 10"), 0),
        (journal(Deed(NAME, "title lost", 0, 1)), 0),
        (journal(Deed(NAME, "title lost", 1, 1)), 1),
        (journal(Deed("never made", "created", 1, 1)), 1),
        (journal(v9="another"), 1),
        (Journal("local"), 2),
    ],
    ids=["all", "texts", "doubtful", "lost", "never made", "another text", "more than was told"],
)
async def test_a_journal_is_held_against_the_events(scene: Scene, told: Journal, faults: int) -> None:
    records = await read_records(scene.database)
    actors = {actor["_id"]: actor["handle"] async for actor in scene.database.actors.find()}
    assert len(list(compare_journal(told, records, actors))) == faults
