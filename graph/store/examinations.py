"""Which of the newest versions were examined by older rules than today's, and what today's find in them."""

from dataclasses import dataclass

from graph.domain.findings import Examination, examination_to_json
from graph.domain.prompts import PromptVersion
from graph.store.codec import Document, version_from_document
from graph.store.database import Database

ID = "examined"
LOOKED_AT = 500
READ_AT_ONCE = 20

_NEWEST = {"$last": "$versions"}
_CHECKER = {"$let": {"vars": {"newest": _NEWEST}, "in": {"$ifNull": ["$$newest.checks.checker", 0]}}}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Prompts in the order of their ids, up to `last`: those whose newest version is to be examined again."""

    prompt_ids: tuple[str, ...]
    last: str


class ExaminationStore:
    """Findings of versions that are there already. They are no change of a prompt: neither event nor revision."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._prompts = database.collection("prompts")
        self._rules = database.collection("rules")

    async def read_checker(self) -> int:
        """The checker by whose rules every newest version was examined at least; 0 when there was none."""
        with self._database.bounded():
            document = await self._rules.find_one({"_id": ID})
        return int(document["checker"]) if document else 0

    async def keep_checker(self, checker: int) -> None:
        """Remembers that this checker has been through."""
        with self._database.bounded():
            await self._rules.update_one({"_id": ID}, {"$max": {"checker": checker}}, upsert=True)

    async def find_older(self, checker: int, after: str) -> Stretch | None:
        """The next stretch behind the id; None behind the last prompt."""
        pipeline: list[Document] = [
            {"$match": {"_id": {"$gt": after}}},
            {"$sort": {"_id": 1}},
            {"$limit": LOOKED_AT},
            {"$project": {"checker": _CHECKER}},
        ]
        with self._database.bounded():
            found = await (await self._prompts.aggregate(pipeline)).to_list()
        if not found:
            return None
        return Stretch(tuple(one["_id"] for one in found if one["checker"] < checker), found[-1]["_id"])

    async def read_newest(self, prompt_ids: tuple[str, ...]) -> list[PromptVersion]:
        """The newest versions of the prompts that are there. Give at most READ_AT_ONCE."""
        with self._database.bounded():
            cursor = self._prompts.find({"_id": {"$in": list(prompt_ids)}}, {"versions": {"$slice": -1}})
            documents = await cursor.to_list()
        return [version_from_document(one["_id"], version) for one in documents for version in one["versions"]]

    async def keep(self, version: PromptVersion, examination: Examination) -> None:
        """Puts the findings to the version where that is still the newest, and nobody's newer ones are there."""
        wanted = {
            "_id": version.prompt_id,
            "latest": version.number,
            "versions": {
                "$elemMatch": {"number": version.number, "checks.checker": {"$not": {"$gte": examination.checker}}}
            },
        }
        with self._database.bounded():
            await self._prompts.update_one(wanted, {"$set": {"versions.$.checks": examination_to_json(examination)}})
