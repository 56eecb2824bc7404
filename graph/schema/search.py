"""`promptSearch`: the selection is read ahead, the index asked once, and the hits are read from the store."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph.discovery.facets import check_values_per_facet
from graph.discovery.highlights import highlight_page
from graph.discovery.search import Question, SearchPage
from graph.domain.prompts import Prompt as HeldPrompt
from graph.domain.prompts import VersionRef
from graph.operations.discovery import search_prompts
from graph.schema.context import Info
from graph.schema.lookahead import preload, selected_names
from graph.schema.selections import selected_arguments
from graph.schema.types.prompt import Prompt
from graph.schema.types.search import Highlight, PromptSearchConnection, PromptSearchEdge
from search_sync.index.protocol import FacetField

FRESHNESS = {"indexedAt", "pendingChanges"}


async def search(info: Info, question: Question, consistent_with: str | None) -> PromptSearchConnection:
    """The answer. Raises InvalidInputError, InvalidCursorError, InvalidSearchTokenError and IndexUnavailableError."""
    context, names = info.context, selected_names(info)
    context.budget.spend_nodes(max(0, min(question.first, context.deps.limits.page)))
    question = _with_counts(info, question)
    tells = not FRESHNESS.isdisjoint(names)
    page, freshness = await search_prompts(context.deps, context.access, question, consistent_with, tells)
    edges = await _read(info, page, "highlights" in names)
    return PromptSearchConnection.of(page, edges, freshness)


def _with_counts(info: Info, question: Question) -> Question:
    """The question with all that the selection will ask to have counted, so that it is counted in the same pass."""
    asked = list(selected_arguments(info, "facets"))
    if not asked:
        return question
    for arguments in asked:
        check_values_per_facet(arguments["valuesPerFacet"], info.context.deps.limits)
    fields = dict.fromkeys(FacetField(field) for arguments in asked for field in arguments["fields"])
    most = max(arguments["valuesPerFacet"] for arguments in asked)
    return replace(question, facets=tuple(fields), values_per_facet=most)


async def _read(info: Info, page: SearchPage, is_lit: bool) -> list[PromptSearchEdge]:
    """The hits as the store holds them. What is gone, or no longer the caller's to see, is left out."""
    read = await info.context.loaders.prompt.load_many([found.hit.id for found in page.found])
    prompts = [prompt for prompt in read if prompt]
    lit, _ = await asyncio.gather(_light(info, prompts, page.question.text if is_lit else ""), preload(info, prompts))
    return [
        PromptSearchEdge(
            node=Prompt.of(prompt), cursor=found.cursor, score=found.hit.score, highlights=lit.get(prompt.id, [])
        )
        for found, prompt in zip(page.found, read, strict=True)
        if prompt
    ]


async def _light(info: Info, prompts: Sequence[HeldPrompt], text: str) -> Mapping[str, list[Highlight]]:
    """The highlights of the prompts, by id; none for a text that asks for everything."""
    if not text.strip():
        return {}
    latest = await info.context.loaders.version.load_many(VersionRef(one.id, one.latest) for one in prompts)
    pairs = list(zip(prompts, latest, strict=True))
    # In a thread and not for long, for words that are compared typo by typo in long texts take their time.
    has_time = info.context.budget.may_highlight
    lit = await asyncio.to_thread(highlight_page, pairs, text, info.context.deps.limits, has_time)
    return {prompt: [Highlight.of(one) for one in highlights] for prompt, highlights in lit.items()}
