"""What people think of an answer, said of the rendering that led to it and summed for the version."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.names import clean_text
from graph.domain.prompts import Prompt, VersionRef
from graph.domain.runs import Feedback, FeedbackSummary
from graph.operations.deps import Deps
from graph.operations.render_ids import no_such_rendering, read_render_id
from graph.operations.rights import require


@dataclass(frozen=True, slots=True)
class Given:
    """The feedback as it is kept, and the prompt that was rendered."""

    feedback: Feedback
    prompt: Prompt


async def give_feedback(deps: Deps, access: Access, render_id: str, score: object, comment: object = None) -> Given:
    """Keeps a score from 0, bad, to 1, good, in place of an earlier one on the same rendering.

    Raises InvalidInputError, and NotFoundError for a rendering that this registry has not made, or whose prompt the
    caller may not see.
    """
    require(access, Scope.RENDER)
    ref = read_render_id(deps, render_id)
    feedback = Feedback(
        render_id=render_id,
        ref=ref,
        score=_clean_score(score),
        comment=_clean_comment(deps, comment),
        actor_id=access.actor_id,
        at=deps.clock(),
    )
    try:
        prompt = await deps.store.feedback.put(access, feedback)
    except NotFoundError:
        raise no_such_rendering() from None
    return Given(feedback, prompt)


async def get_feedback_summaries(deps: Deps, refs: Sequence[VersionRef]) -> dict[VersionRef, FeedbackSummary]:
    """Those of the versions that have feedback. It does not look at rights: get the prompts first."""
    return await deps.store.feedback.summaries(refs)


def _clean_score(score: object) -> float:
    if isinstance(score, bool):
        return float(score)
    if not isinstance(score, int | float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise InvalidInputError("A score is a number from 0, which is bad, to 1, which is good.", ("score",))
    return float(score)


def _clean_comment(deps: Deps, comment: object) -> str | None:
    if comment is None or comment == "":
        return None
    if not isinstance(comment, str):
        raise InvalidInputError("A comment is a text.", ("comment",))
    return clean_text(comment, deps.limits.comment, "A comment", ("comment",))
