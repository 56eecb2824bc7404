"""Feedback on renderings, and its sums, which are kept per version in the same transaction."""

from collections.abc import Sequence

from graph.domain.actors import Access
from graph.domain.prompts import Prompt, VersionRef
from graph.domain.runs import Feedback, FeedbackSummary
from graph.store.codec import Document
from graph.store.database import Database, Session
from graph.store.locks import PromptLocks
from graph.store.prompts import PromptStore

# Scores are summed as whole millionths: sums of fractions would drift with every replacement.
WHOLE = 1_000_000


class FeedbackStore:
    """The collection `feedback`, one document for each rendering, and its part of `version_stats`."""

    def __init__(self, database: Database, locks: PromptLocks, prompts: PromptStore) -> None:
        self._database = database
        self._feedback = database.collection("feedback")
        self._stats = database.collection("version_stats")
        self._locks = locks
        self._prompts = prompts

    async def put(self, access: Access, feedback: Feedback) -> Prompt:
        """Keeps it, in place of what was said of the rendering before. Raises NotFoundError for an unseen prompt."""

        async def write(session: Session) -> Prompt:
            prompt = await self._prompts.require(access, feedback.ref.prompt_id, session, to_write=False)
            score = round(feedback.score * WHOLE)
            before = await self._feedback.find_one_and_replace(
                {"_id": feedback.render_id}, _to_document(feedback, score), upsert=True, session=session
            )
            count, total = (0, score - before["score"]) if before else (1, score)
            await self._stats.update_one(
                {"_id": f"{feedback.ref.prompt_id}:{feedback.ref.number}"},
                {
                    "$inc": {"feedback.count": count, "feedback.total": total},
                    "$setOnInsert": {"prompt_id": feedback.ref.prompt_id, "number": feedback.ref.number},
                },
                upsert=True,
                session=session,
            )
            return prompt

        async with self._locks.holding(feedback.ref.prompt_id):
            return await self._database.transact(write)

    async def summaries(self, refs: Sequence[VersionRef]) -> dict[VersionRef, FeedbackSummary]:
        """Of the versions; those without any are left out."""
        keys = [f"{ref.prompt_id}:{ref.number}" for ref in refs]
        with self._database.bounded():
            found = await self._stats.find({"_id": {"$in": keys}, "feedback": {"$exists": True}}).to_list()
        return {
            VersionRef(one["prompt_id"], one["number"]): FeedbackSummary(
                one["feedback"]["count"], one["feedback"]["total"] / WHOLE
            )
            for one in found
        }


def _to_document(feedback: Feedback, score: int) -> Document:
    return {
        "prompt_id": feedback.ref.prompt_id,
        "number": feedback.ref.number,
        "score": score,
        "comment": feedback.comment,
        "actor": feedback.actor_id,
        "at": feedback.at,
    }
