"""Ratings, and the summaries that are kept with them in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pymongo import UpdateOne

from graph.domain.actors import Access
from graph.domain.events import EventKind, Signature
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import Prompt, VersionRef
from graph.domain.ratings import Rating, RatingSummary
from graph.store.codec import Document, difference, summary_from_document
from graph.store.database import Database, Session
from graph.store.events import EventStore
from graph.store.locks import PromptLocks
from graph.store.pages import by_time, read_page
from graph.store.prompts import PromptStore

Decide = Callable[[Prompt, Rating | None], Rating | None]


class RatingStore:
    """The collections `ratings`, one for each prompt and rater, and `version_stats`, one for each rated version."""

    def __init__(self, database: Database, locks: PromptLocks, events: EventStore, prompts: PromptStore) -> None:
        self._database = database
        self._prompts = database.collection("prompts")
        self._ratings = database.collection("ratings")
        self._stats = database.collection("version_stats")
        self._locks = locks
        self._events = events
        self._prompt_store = prompts

    async def change(
        self, access: Access, prompt_id: str, rater_id: str, signature: Signature, decide: Decide
    ) -> tuple[Prompt, Rating | None]:
        """Lets `decide` say what the rater's rating shall be, None being none, and keeps all sums right.

        Where it is what it was, nothing is written. Whoever may see the prompt may rate it. Raises NotFoundError.
        """

        async def write(session: Session) -> tuple[Prompt, Rating | None]:
            before = await self._prompt_store.require(access, prompt_id, session, to_write=False)
            held = await self._find(prompt_id, rater_id, session)
            rating = decide(before, held)
            if rating == held:
                return before, held
            after = replace(before, rating=_summed(before.rating, held, rating), revision=before.revision + 1)
            await self._put(session, prompt_id, rater_id, rating)
            await self._prompts.update_one({"_id": prompt_id}, {"$set": difference(before, after)}, session=session)
            await self._stats.bulk_write(_stat_updates(held, rating), session=session)
            kind, detail = _told(held, rating)
            await self._events.append(session, kind, before, after, after.revision, signature, detail)
            return after, rating

        async with self._locks.holding(prompt_id):
            return await self._database.transact(write)

    async def find_of_rater(self, rater_id: str, prompt_ids: Sequence[str]) -> dict[str, Rating]:
        """One rater's ratings of these prompts, by the prompt's id."""
        with self._database.bounded():
            cursor = self._ratings.find({"_id": {"$in": [_key(one, rater_id) for one in prompt_ids]}})
            return {rating.prompt_id: rating for rating in map(_from_document, await cursor.to_list())}

    async def page(self, prompt_id: str, request: PageRequest) -> Page[Rating]:
        """A page of a prompt's ratings, newest first. Positions are milliseconds since 1970 and the rater's id."""
        with self._database.bounded():
            return await read_page(
                self._ratings, {"prompt_id": prompt_id}, ["created_at", "rater"], True, by_time(request), _from_document
            )

    async def version_summaries(self, refs: Sequence[VersionRef]) -> dict[VersionRef, RatingSummary]:
        """How the versions were rated; those that were not are left out."""
        with self._database.bounded():
            cursor = self._stats.find({"_id": {"$in": [f"{ref.prompt_id}:{ref.number}" for ref in refs]}})
            documents = await cursor.to_list()
        return {
            VersionRef(one["prompt_id"], one["number"]): summary_from_document(_histogram(one)) for one in documents
        }

    async def _find(self, prompt_id: str, rater_id: str, session: Session) -> Rating | None:
        document = await self._ratings.find_one({"_id": _key(prompt_id, rater_id)}, session=session)
        return _from_document(document) if document else None

    async def _put(self, session: Session, prompt_id: str, rater_id: str, rating: Rating | None) -> None:
        key = {"_id": _key(prompt_id, rater_id)}
        if rating is None:
            await self._ratings.delete_one(key, session=session)
        else:
            await self._ratings.replace_one(key, _to_document(rating), upsert=True, session=session)


def _key(prompt_id: str, rater_id: str) -> str:
    return f"{prompt_id}:{rater_id}"


def _summed(summary: RatingSummary, held: Rating | None, rating: Rating | None) -> RatingSummary:
    if held:
        summary = summary.plus(held.score, -1)
    return summary.plus(rating.score) if rating else summary


def _stat_updates(held: Rating | None, rating: Rating | None) -> list[UpdateOne]:
    changes = [(held, -1), (rating, 1)]
    return [
        UpdateOne(
            {"_id": f"{one.prompt_id}:{one.version}"},
            {
                "$inc": {f"ratings.{one.score}": by},
                "$setOnInsert": {"prompt_id": one.prompt_id, "number": one.version},
            },
            upsert=True,
        )
        for one, by in changes
        if one
    ]


def _histogram(document: Document) -> Document:
    ratings = document.get("ratings", {})
    return {"histogram": [ratings.get(str(score), 0) for score in range(1, 6)]}


def _told(held: Rating | None, rating: Rating | None) -> tuple[EventKind, Document]:
    if rating is None:
        return EventKind.UNRATED, {"from": held.score if held else None}
    return EventKind.RATED, {
        "version": rating.version,
        "score": rating.score,
        "from": held.score if held else None,
    }


def _to_document(rating: Rating) -> Document:
    return {
        "_id": _key(rating.prompt_id, rating.rater_id),
        "prompt_id": rating.prompt_id,
        "rater": rating.rater_id,
        "version": rating.version,
        "score": rating.score,
        "comment": rating.comment,
        "created_at": rating.created_at,
        "updated_at": rating.updated_at,
    }


def _from_document(document: Document) -> Rating:
    return Rating(
        prompt_id=document["prompt_id"],
        rater_id=document["rater"],
        version=document["version"],
        score=document["score"],
        comment=document["comment"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
    )
