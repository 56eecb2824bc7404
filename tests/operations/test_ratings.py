"""Ratings: one for each rater, and summaries that are always their sum."""

import asyncio
import random

from graph.domain.actors import Access
from graph.domain.paging import PageRequest
from graph.domain.prompts import Prompt, PromptById, VersionByNumber, VersionRef
from graph.domain.ratings import RatingSummary
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, get_prompt
from graph.operations.ratings import get_ratings, get_version_summaries, list_ratings, rate_prompt, unrate_prompt
from graph.operations.versions import append_version
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
BOB = caller("bob")
RATERS = [caller(f"rater-{number}") for number in range(16)]


async def make_prompt(deps: Deps) -> Prompt:
    prompt = await create_prompt(deps, ADA, draft())
    return (await append_version(deps, ADA, prompt.id, 1, text_version("Second"))).prompt


async def assert_sums_agree(deps: Deps, prompt: Prompt) -> None:
    """The prompt's summary and those of its versions are what its ratings add up to."""
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    ratings = (await list_ratings(deps, held, PageRequest(100))).items
    refs = [VersionRef(prompt.id, number) for number in range(1, held.latest + 1)]
    by_version = await get_version_summaries(deps, refs)
    total = RatingSummary()
    for rating in ratings:
        total = total.plus(rating.score)
    assert held.rating == total
    for ref in refs:
        expected = RatingSummary()
        for rating in ratings:
            expected = expected.plus(rating.score) if rating.version == ref.number else expected
        assert by_version.get(ref, RatingSummary()) == expected


async def test_a_rater_has_one_rating_and_the_first_time_is_kept(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    first = (await rate_prompt(deps, ADA, prompt.id, 2, "Meh", VersionByNumber(1))).rating
    second = (await rate_prompt(deps, ADA, prompt.id, 5)).rating
    assert first is not None
    assert second is not None
    assert (second.version, second.score, second.comment) == (2, 5, None)
    assert second.created_at == first.created_at
    assert await get_ratings(deps, str(ADA.actor_id), [prompt.id, "nobody"]) == {prompt.id: second}
    await assert_sums_agree(deps, prompt)


async def test_a_rating_that_moves_to_another_version_leaves_the_first(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    await rate_prompt(deps, ADA, prompt.id, 4, selector=VersionByNumber(1))
    await rate_prompt(deps, ADA, prompt.id, 4, selector=VersionByNumber(2))
    await assert_sums_agree(deps, prompt)


async def test_taking_the_last_rating_away_leaves_none(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    await rate_prompt(deps, ADA, prompt.id, 4)
    rated = await unrate_prompt(deps, ADA, prompt.id)
    assert (rated.rating, rated.prompt.rating.average, rated.prompt.rating.wilson) == (None, None, 0.0)
    assert await get_ratings(deps, str(ADA.actor_id), [prompt.id]) == {}
    await assert_sums_agree(deps, prompt)


async def test_sixteen_raters_at_once_are_all_counted(deps: Deps, records: Records) -> None:
    prompt = await make_prompt(deps)
    scores = [number % 5 + 1 for number in range(len(RATERS))]
    await asyncio.gather(
        *(rate_prompt(deps, rater, prompt.id, score) for rater, score in zip(RATERS, scores, strict=True))
    )
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    assert (held.rating.count, held.rating.sum) == (len(scores), sum(scores))
    assert held.revision == prompt.revision + len(RATERS)
    await assert_sums_agree(deps, prompt)
    assert [event["rev"] for event in await records.events(prompt.id)] == list(range(1, held.revision + 1))


async def test_raters_who_change_their_minds_at_once_are_summed_right(deps: Deps, records: Records) -> None:
    prompt = await make_prompt(deps)
    chance = random.Random(7)

    async def waver(rater: Access) -> None:
        for _ in range(4):
            if chance.random() < 0.3:
                await unrate_prompt(deps, rater, prompt.id)
            else:
                version = VersionByNumber(chance.randint(1, 2))
                await rate_prompt(deps, rater, prompt.id, chance.randint(1, 5), selector=version)

    await asyncio.gather(*map(waver, RATERS))
    await assert_sums_agree(deps, prompt)
    revisions = [event["rev"] for event in await records.events(prompt.id)]
    assert revisions == list(range(1, len(revisions) + 1))


async def test_one_rater_in_many_places_at_once_has_one_rating(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    await asyncio.gather(*(rate_prompt(deps, BOB, prompt.id, number % 5 + 1) for number in range(16)))
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    assert held.rating.count == 1
    await assert_sums_agree(deps, prompt)
