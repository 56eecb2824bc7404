"""Usage: how often each version was rendered and what its runs took, counted in memory and written in batches.

A crash loses at most what was counted since the last flush; a request never waits for it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from pymongo import UpdateOne

from graph.domain.outages import OutcomeUnknownError
from graph.domain.prompts import VersionRef
from graph.domain.runs import Outcome, Run, Tokens, UsageBucket, UsageStep, Window
from graph.store.database import Database, Document, Session
from graph.store.flushing import flushing

Hour = tuple[VersionRef, datetime]
Sums = defaultdict[Hour, Counter[str]]


class RenderStore:
    """The collection `renders`: one document for each version and hour, with sums over its renderings and runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._renders = database.collection("renders")
        self._prompts = database.collection("prompts")
        self._counted: Sums = defaultdict(Counter)

    def record(self, ref: VersionRef, at: datetime) -> None:
        """Counts one rendering, for the next flush."""
        self._add(ref, at, {"count": 1})

    def record_run(self, run: Run) -> None:
        """Counts one call of a model, for the next flush."""
        figures = run.figures
        sums = {
            f"outcomes.{run.outcome.value}": 1,
            "input_tokens": figures.tokens.input,
            "output_tokens": figures.tokens.output,
            "milliseconds": figures.milliseconds,
        }
        if figures.first_token_milliseconds is not None:
            sums |= {"first_tokens": 1, "first_token_milliseconds": figures.first_token_milliseconds}
        self._add(run.ref, figures.at, sums)

    def _add(self, ref: VersionRef, at: datetime, sums: Mapping[str, int]) -> None:
        counted = self._counted[(ref, UsageStep.HOUR.start(at))]
        for field, by in sums.items():
            counted[field] += by

    async def usage(self, refs: Sequence[VersionRef], window: Window) -> dict[VersionRef, list[UsageBucket]]:
        """What was flushed for the versions in the window, hour by hour; hours without anything are left out."""
        wanted = [{"prompt_id": ref.prompt_id, "number": ref.number} for ref in refs]
        hours = {"$gte": UsageStep.HOUR.start(window.start), "$lt": window.end}
        with self._database.bounded():
            documents = await self._renders.find({"$or": wanted, "hour": hours}).sort("hour").to_list()
        found: dict[VersionRef, list[UsageBucket]] = {}
        for document in documents:
            ref = VersionRef(document["prompt_id"], document["number"])
            found.setdefault(ref, []).append(_bucket_from_document(document))
        return found

    async def flush(self) -> None:
        """Writes what was counted. Raises StoreUnavailableError, having lost nothing."""
        counted, self._counted = self._counted, defaultdict(Counter)
        try:
            await self._write(counted)
        except OutcomeUnknownError:
            raise  # it may be written already: to lose a few counts is better than to count them twice
        except BaseException:
            for (ref, hour), sums in counted.items():
                self._add(ref, hour, sums)
            raise

    def flushing(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Flushes every so many seconds, and once more at the end."""
        return flushing(self.flush, seconds, "usage")

    async def _write(self, counted: Sums) -> None:
        if not counted:
            return
        by_prompt: Counter[str] = Counter()
        for (ref, _), sums in counted.items():
            by_prompt[ref.prompt_id] += sums["count"]

        async def write(session: Session) -> None:
            # What was counted for a prompt that was removed meanwhile must not outlive it.
            held = self._prompts.find({"_id": {"$in": list(by_prompt)}}, {"_id": 1}, session=session)
            there = {document["_id"] async for document in held}
            additions = [_addition(*key, sums) for key, sums in counted.items() if key[0].prompt_id in there]
            if not additions:
                return
            await self._renders.bulk_write(additions, ordered=False, session=session)
            await self._prompts.bulk_write(
                [UpdateOne({"_id": prompt_id}, {"$inc": {"usage_count": by_prompt[prompt_id]}}) for prompt_id in there],
                ordered=False,
                session=session,
            )

        await self._database.transact(write)


def _addition(ref: VersionRef, hour: datetime, sums: Counter[str]) -> UpdateOne:
    return UpdateOne(
        {"_id": f"{ref.prompt_id}:{ref.number}:{hour:%Y%m%d%H}"},
        {
            "$inc": {field: by for field, by in sums.items() if by},
            "$setOnInsert": {"prompt_id": ref.prompt_id, "number": ref.number, "hour": hour},
        },
        upsert=True,
    )


def _bucket_from_document(document: Document) -> UsageBucket:
    outcomes = {Outcome(name): count for name, count in document.get("outcomes", {}).items()}
    return UsageBucket(
        start=document["hour"],
        renderings=document.get("count", 0),
        outcomes=outcomes,
        tokens=Tokens(document.get("input_tokens", 0), document.get("output_tokens", 0)),
        milliseconds=document.get("milliseconds", 0),
        first_tokens=document.get("first_tokens", 0),
        first_token_milliseconds=document.get("first_token_milliseconds", 0),
    )
