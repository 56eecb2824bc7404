"""Entries as files bring them, and what an import makes of them in a registry of the test's own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from graph.domain.actors import Access, ActorKind
from graph.domain.prompts import (
    PromptByName,
    PromptDraft,
    PromptVersion,
    VersionDraft,
    VersionRef,
    Visibility,
)
from graph.domain.templates import TextTemplate
from graph.exchange.entries import (
    Entry,
    ForkSource,
    History,
    PastLabel,
    PastPrompt,
    PastVersion,
    Person,
    Snapshot,
)
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate, Outcome
from graph.operations.imports import import_entries
from tests.exchange.registries import new_registry

ADA = Person(ActorKind.USER, "ada", "Ada Lovelace")


@pytest.fixture
async def deps(mongodb_url: str) -> AsyncIterator[Deps]:
    async with new_registry(mongodb_url) as opened:
        yield opened


async def run(deps: Deps, entries: Sequence[Entry], access: Access = LOCAL_ACCESS) -> list[Outcome]:
    return [outcome async for outcome in import_entries(deps, access, entries)]


async def fates(deps: Deps, entries: Sequence[Entry], access: Access = LOCAL_ACCESS) -> list[Fate]:
    return [outcome.fate for outcome in await run(deps, entries, access)]


def snapshot(name: str, text: str = "Hi", place: str = "line 2", follows: str = "", **facts: object) -> Snapshot:
    draft = replace(PromptDraft(name, VersionDraft(TextTemplate(text))), **facts)  # type: ignore[arg-type]  # facts of a draft
    return Snapshot(place, draft, frozenset(follows.split()))


def at(minute: int) -> datetime:
    return datetime(2025, 3, 1, 12, minute, tzinfo=UTC)


def history(name: str, *texts: str, source: ForkSource | None = None, labels: tuple[PastLabel, ...] = ()) -> History:
    versions = [
        PastVersion(number, VersionDraft(TextTemplate(text), change_note=f"note {number}"), at(number), ADA)
        for number, text in enumerate(texts, start=1)
    ]
    past = PastPrompt(
        name, name, None, None, (), {}, Visibility.PRIVATE, ADA, at(0), at(59), None, forked_from=source, labels=labels
    )
    return History(f"line of {name}", past, tuple(versions))


async def latest(deps: Deps, name: str) -> PromptVersion:
    prompt = await deps.store.prompts.find(LOCAL_ACCESS, PromptByName(name))
    assert prompt
    ref = VersionRef(prompt.id, prompt.latest)
    return (await deps.store.versions.get_many([ref]))[ref]
