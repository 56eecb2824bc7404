"""Synthetic prompts, always the same: words as frequent as words are, folders, tags, categories and models."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient

from graph.domain.limits import Limits
from graph.domain.prompts import Prompt, PromptVersion, VersionDraft, Visibility
from graph.domain.ratings import RatingSummary
from graph.domain.templates import ModelSettings, TextTemplate
from graph.store.archives import sized
from graph.store.codec import prompt_to_document, version_to_document
from graph.templating.variables import build_content

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = 20_000
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
BATCH = 1_000

Document = dict[str, Any]


async def fill(url: str, database: str, count: int, first: int = 0) -> None:
    """Writes prompts number `first` to `count`, past the operations: this is what they would have left there."""
    batch: list[Document] = []
    async with AsyncMongoClient[Document](url) as client:
        prompts = client[database]["prompts"]
        for document in _documents(first, count):
            batch.append(document)
            if len(batch) == BATCH:
                await prompts.insert_many(batch)
                batch = []
        if batch:
            await prompts.insert_many(batch)


def word(rank: int) -> str:
    """The word of a rank, from 0, the most frequent: four syllables, so that none is another's beginning."""
    letters = random.Random(rank)
    return "".join(letters.choice(SYLLABLES) for _ in range(4))


def _documents(first: int, count: int) -> Iterator[Document]:
    vocabulary = [word(rank) for rank in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    for number in range(first, count):
        dice = random.Random(number)
        words = dice.choices(vocabulary, weights, k=dice.randint(40, 160))
        yield _document(number, words, dice)


def _document(number: int, words: list[str], dice: random.Random) -> Document:
    prompt_id = str(ObjectId())
    at = START + timedelta(seconds=number)
    model = ModelSettings(model=f"model-{dice.randrange(8)}")
    text = f"You are {{{{persona}}}}. {' '.join(words)} {{{{{words[0]}}}}}"
    content = build_content(VersionDraft(TextTemplate(text), model_settings=model), Limits())
    version = sized(version_to_document(PromptVersion(prompt_id, 1, content, content.digest(), None, at, "local")))
    ratings = [0, 0, 0, 0, 0]
    for _ in range(dice.randrange(4)):
        ratings[dice.randrange(5)] += 1
    prompt = Prompt(
        id=prompt_id,
        name=f"team-{number % 50}/area-{number % 7}/{words[1]}-{number}",
        title=" ".join(words[1:4]).title(),
        description=" ".join(words[4:14]),
        category=f"category-{number % 12}",
        tags=tuple(f"tag-{tag}" for tag in sorted({dice.randrange(40) for _ in range(3)})),
        metadata={},
        visibility=Visibility.PRIVATE,
        labels={},
        latest=1,
        latest_digest=content.digest(),
        rating=RatingSummary((ratings[0], ratings[1], ratings[2], ratings[3], ratings[4])),
        usage_count=dice.randrange(1_000),
        author_id="local",
        forked_from=None,
        created_at=at,
        updated_at=at,
        archived_at=None,
        revision=1,
    )
    return {
        **prompt_to_document(prompt),
        "usage_count": prompt.usage_count,
        "history": {"count": 1, "size": version["size"]},
        "versions": [version],
    }
