"""Registries of a test's own, as many as it wants, and what lies in them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from graph.exchange.history import LINE_END, prompt_to_text, version_to_text
from graph.operations.access import LOCAL, LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.exports import export_prompts, export_versions
from graph.store.store import open_store

COLLECTIONS = ("prompts", "events", "version_archives", "actors")


@asynccontextmanager
async def new_registry(mongodb_url: str, limits: Limits | None = None) -> AsyncIterator[Deps]:
    """An empty registry, as `graph/app.py` opens one; it is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    limits = limits or Limits()
    async with open_store(mongodb_url, name, operation_seconds=10, limits=limits) as store:
        await store.actors.ensure(LOCAL)
        yield Deps(store, _now, lambda: str(ObjectId()), CursorSigner(b"a secret for tests"), limits)
        await store.database.client.drop_database(name)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def exported(deps: Deps) -> list[str]:
    """The export, line by line."""
    lines: list[str] = []
    async for one in export_prompts(deps, LOCAL_ACCESS):
        versions = [version_to_text(version) async for version in export_versions(deps, one)]
        lines.append(prompt_to_text(one.past) + ",".join(versions) + LINE_END)
    return lines


async def documents(deps: Deps) -> dict[str, list[dict[str, Any]]]:
    """All that an import could have written."""
    return {name: await deps.store.database.collection(name).find().sort("_id").to_list() for name in COLLECTIONS}


async def clear(deps: Deps) -> None:
    """Takes all prompts away; the actors, which the store remembers, stay."""
    for name in ("prompts", "events", "version_archives"):
        await deps.store.database.collection(name).delete_many({})
