"""The neighbours of a prompt, read from the store."""

from typing import Annotated

import strawberry

from graph.domain.prompts import Prompt
from graph.operations.discovery import find_similar
from graph.schema.context import Info
from graph.schema.lookahead import preload

SimilarCount = Annotated[int, strawberry.argument(description="1 to 20.")]


async def load_similar(info: Info, prompt_id: str, first: int) -> list[Prompt]:
    """Nearest first; those that are gone, or no longer the caller's to see, are left out."""
    context = info.context
    context.budget.spend_neighbours()
    context.budget.spend_nodes(max(0, min(first, context.deps.limits.page)))
    ids = await find_similar(context.deps, context.access, prompt_id, first)
    found = [prompt for prompt in await context.loaders.prompt.load_many(ids) if prompt]
    await preload(info, found)
    return found
