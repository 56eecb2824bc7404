"""Ratings: one for each rater and prompt, remembered with the version that was rated."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.domain.actors import Access, Scope
from graph.domain.errors import NotFoundError
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import LATEST_VERSION, Prompt, VersionRef, VersionSelector, select_number
from graph.domain.ratings import Rating, RatingSummary
from graph.domain.rules import clean_comment, clean_score
from graph.operations.deps import Deps
from graph.operations.prompts import refuse_archived
from graph.operations.rights import require


@dataclass(frozen=True, slots=True)
class Rated:
    """The prompt with its new summary, and the caller's rating; None when it was taken away."""

    prompt: Prompt
    rating: Rating | None


async def rate_prompt(
    deps: Deps,
    access: Access,
    prompt_id: str,
    score: int,
    comment: str | None = None,
    selector: VersionSelector = LATEST_VERSION,
) -> Rated:
    """Sets the caller's rating, replacing an earlier one; the same rating again writes nothing.

    Raises InvalidInputError, NotFoundError and PromptArchivedError.
    """
    require(access, Scope.RATINGS_WRITE)
    score = clean_score(score)
    comment = clean_comment(comment, deps.limits)
    now = deps.signature(access)
    rater = str(access.actor_id)

    def decide(prompt: Prompt, held: Rating | None) -> Rating | None:
        refuse_archived(prompt)
        number = select_number(prompt, selector)
        if number is None:
            raise NotFoundError("No version of the prompt answers to this selector.", ("version",))
        if held and (held.version, held.score, held.comment) == (number, score, comment):
            return held
        first = held.created_at if held else now.at
        return Rating(prompt.id, rater, number, score, comment, created_at=first, updated_at=now.at)

    prompt, rating = await deps.store.ratings.change(access, prompt_id, rater, now, decide)
    return Rated(prompt, rating)


async def unrate_prompt(deps: Deps, access: Access, prompt_id: str) -> Rated:
    """Takes the caller's rating away, of an archived prompt too; where there is none, nothing is written.

    Raises NotFoundError.
    """
    require(access, Scope.RATINGS_WRITE)
    rater = str(access.actor_id)
    prompt, _ = await deps.store.ratings.change(
        access, prompt_id, rater, deps.signature(access), lambda prompt, held: None
    )
    return Rated(prompt, None)


async def get_ratings(deps: Deps, rater_id: str, prompt_ids: Sequence[str]) -> dict[str, Rating]:
    """One actor's ratings of these prompts, by the prompt's id, in one round trip."""
    return await deps.store.ratings.find_of_rater(rater_id, prompt_ids)


async def list_ratings(deps: Deps, prompt: Prompt, page: PageRequest) -> Page[Rating]:
    """A page of the prompt's ratings, newest first."""
    return await deps.store.ratings.page(prompt.id, page)


async def get_version_summaries(deps: Deps, refs: Sequence[VersionRef]) -> dict[VersionRef, RatingSummary]:
    """How each of the versions was rated, in one round trip; versions without ratings are left out."""
    return await deps.store.ratings.version_summaries(refs)
