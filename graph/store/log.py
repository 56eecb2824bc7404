"""The log of events as one caller is told of it. The question is `graph.domain.feed.tell`, asked of MongoDB."""

from pymongo.read_concern import ReadConcern

from graph.domain.actors import Access
from graph.domain.events import Event
from graph.domain.feed import EventFilter
from graph.store.causality import Causality
from graph.store.codec import event_from_document
from graph.store.database import Database
from graph.store.visibility import NOTHING, Filter, both, readable, under_folder


class LogStore:
    """Reads by `seq`, and bounded by it: a question looks at no more records than lie between its two ends."""

    def __init__(self, database: Database, causality: Causality) -> None:
        self._database = database
        self._causality = causality
        self._events = database.collection("events").with_options(read_concern=ReadConcern("majority"))

    async def read(self, access: Access, where: EventFilter, after: int, upto: int, size: int) -> list[Event]:
        """At most `size` events with `after < seq <= upto` that the caller is told of, in order."""
        question = told_of(access, where, after, upto)
        with self._database.bounded():
            async with self._causality.session() as session:
                cursor = self._events.find(question, session=session).sort("seq", 1).hint("seq")
                found = await cursor.limit(size).to_list()
        return [event_from_document(document) for document in found]

    async def count(self, access: Access, where: EventFilter, after: int, upto: int) -> int:
        """How many those are."""
        with self._database.bounded():
            return await self._events.count_documents(told_of(access, where, after, upto), hint="seq")


def told_of(access: Access, where: EventFilter, after: int, upto: int) -> Filter:
    """The events between two places for which `tell` answers."""
    taken: list[Filter] = [{"seq": {"$gt": after, "$lte": upto}, "prompt_id": {"$type": "string"}}]
    if where.kinds is not None:
        taken.append({"kind": {"$in": [kind.value for kind in where.kinds]}})
    if where.prompt_ids is not None:
        taken.append({"prompt_id": {"$in": list(where.prompt_ids)}})
    return both(*taken, seen_on_a_side(both(readable(access), _matches(where))))


def seen_on_a_side(question: Filter) -> Filter:
    """The events whose prompt answered to the question, before the change or after it."""
    sides = [both({side: {"$type": "object"}}, _within(side, question)) for side in ("after", "before")]
    return {"$or": sides}


def _matches(where: EventFilter) -> Filter:
    folders = [under_folder(folder) for folder in where.folders or ()]
    return both(
        {} if where.folders is None else ({"$or": folders} if folders else NOTHING),
        {} if where.tags is None else {"tags": {"$in": list(where.tags)}},
        {} if where.labels is None else {"labels": {"$in": list(where.labels)}},
    )


def _within(side: str, question: Filter) -> Filter:
    """The same question about what lies under `side`."""
    return {
        key if key.startswith("$") else f"{side}.{key}": [_within(side, one) for one in value]
        if key in ("$or", "$and")
        else value
        for key, value in question.items()
    }
