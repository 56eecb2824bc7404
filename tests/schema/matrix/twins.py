"""Two registries that are alike in all that a stranger may see: one holds secrets besides, the other does not.

Whoever may not see the secrets must get the same answers from both, for the same work of the database.
"""

import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import strawberry
from pymongo import AsyncMongoClient

from graph.domain.actors import EVERYWHERE, Access, Grant, Scope
from graph.domain.audit import AuditKind
from graph.domain.errors import InvalidCursorError, PromptgraphError
from graph.domain.feed import EventFilter
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from graph.domain.prompts import VersionByNumber, VersionRef, Visibility
from graph.domain.webhooks import Webhook
from graph.operations import audit, feed
from graph.operations.access import LOCAL, LOCAL_ACCESS
from graph.operations.api_keys import create_key
from graph.operations.audit import new_record
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from graph.schema.node import encode_id, prompt_id, version_id
from graph.store.cache import memory_cache
from graph.store.database import Database
from graph.store.indexes import ensure_indexes
from graph.store.store import build_store
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import Batch
from search_sync.projection import project
from tests.commands import Commands
from tests.fixtures import OPERATION_SECONDS, Records, caller, draft, text_version
from tests.schema.conftest import Api
from tests.schema.matrix.questions import Subject
from tests.search_sync.chains import number_all

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET_NAME = "secret/refund-plan"
SECRET_PROMPT, SECRET_KEY, SECRET_RECORD = f"{1_000:024x}", f"{1_001:024x}", f"{1_002:024x}"
SUBJECT = Subject(
    ids={
        "prompt": prompt_id(SECRET_PROMPT),
        "version": version_id(VersionRef(SECRET_PROMPT, 1)),
        "promptVersion": version_id(VersionRef(SECRET_PROMPT, 2)),
        "rating": encode_id("Rating", SECRET_PROMPT, LOCAL.id),
        "apiKey": encode_id("ApiKey", SECRET_KEY),
        "webhook": encode_id("Webhook", SECRET_KEY),
    },
    texts={"name": SECRET_NAME, "confirmName": SECRET_NAME, "label": "production"},
)
SECRET_WEBHOOK = Webhook(
    id=SECRET_KEY,
    url="https://example.com/secret",
    where=EventFilter(),
    owner_id=LOCAL.id,
    key_id=None,
    scopes=frozenset(Scope),
    grants=EVERYWHERE,
    secrets=(),
    position=0,
    created_at=NOW,
)
TEXT = re.compile(r'"([A-Za-z0-9_-]{18,})"')
SECRET = re.compile(r"pg_[A-Za-z0-9_-]{43}")

FOREIGN = caller("foreign", grants=(Grant("mine", can_write=True),))


@dataclass(frozen=True, slots=True)
class Told:
    """All that a caller learns from an answer: its text, and how often the database was asked for what."""

    answer: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """One of the two."""

    api: Api
    commands: Commands

    async def ask(self, document: str, access: Access) -> Told:
        """What the caller learns."""
        before = len(self.commands.names)
        result = await self.api.execute(document, access=access)
        for error in result.errors or ():
            assert isinstance(error.original_error, PromptgraphError), "a fault of ours proves nothing"
        errors = [(error.message, error.path, type(error.original_error).__name__) for error in result.errors or ()]
        answer = SECRET.sub("pg_", json.dumps([result.data, errors], default=str, indent=1))
        answer = TEXT.sub(self._without_place, answer)
        return Told(answer, tuple(sorted(self.commands.names[before:])))

    def _without_place(self, text: re.Match[str]) -> str:
        """A cursor of the feed or the audit is a place in the one order of all, so it does differ; nothing else may."""
        for scope in (feed.CURSOR_SCOPE, audit.CURSOR_SCOPE):
            with suppress(InvalidCursorError):
                self.api.deps.signer.read(scope, text[1])
                return '"a place in the feed"'
        return text[0]


@asynccontextmanager
async def open_twin(schema: strawberry.Schema, mongodb_url: str, database_name: str) -> AsyncIterator[Twin]:
    """An empty registry whose ids are numbers and whose clock stands still, with an ear on the driver."""
    commands, numbers = Commands(), itertools.count(1)
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, tz_aware=True, event_listeners=[commands]) as client:
        database = Database(client, database_name, OPERATION_SECONDS)
        await ensure_indexes(database)
        store = build_store(database, memory_cache(entries=100, size=1_000_000), Limits())
        await store.actors.ensure(LOCAL)
        signer = CursorSigner(b"a secret for tests")
        deps = Deps(
            store=store,
            clock=lambda: NOW,
            ids=lambda: f"{next(numbers):024x}",
            signer=signer,
            index=MemoryIndex(),
            index_seconds=10.0,
        )
        yield Twin(Api(schema, deps, Records(store)), commands)
        await client.drop_database(database_name)


async def fill(deps: Deps, with_secrets: bool) -> None:
    """What everybody sees, and behind it what only one of the twins has."""
    for name, visibility in (("mine/refund", Visibility.PRIVATE), ("open/refund", Visibility.PUBLIC)):
        await _write(deps, name, visibility)
    await create_key(deps, LOCAL_ACCESS, "mine", [Scope.RENDER], (Grant("mine"),))
    if with_secrets:
        await _write(replace(deps, ids=lambda: SECRET_PROMPT), SECRET_NAME, Visibility.PRIVATE)
        await create_key(replace(deps, ids=lambda: SECRET_KEY), LOCAL_ACCESS, "secret", [Scope.RENDER], EVERYWHERE)
        secretly = replace(deps, ids=lambda: SECRET_RECORD)
        record = new_record(secretly, LOCAL_ACCESS, AuditKind.WEBHOOK_CREATED, {})
        await deps.store.webhooks.insert(SECRET_WEBHOOK, record)
    await number_all(deps.store.database.client[deps.store.database.collection("events").database.name])
    await _index(deps)


async def _write(deps: Deps, name: str, visibility: Visibility) -> None:
    words: dict[str, Any] = {"tags": (name.split("/")[0],), "category": name, "visibility": visibility}
    prompt = await create_prompt(deps, LOCAL_ACCESS, draft(name, f"Refund {{{{{name.split('/')[0]}}}}}", **words))
    await append_version(deps, LOCAL_ACCESS, prompt.id, 1, text_version(f"Refund of {name}"))
    await set_label(deps, LOCAL_ACCESS, prompt.id, "production", VersionByNumber(1))
    await rate_prompt(deps, LOCAL_ACCESS, prompt.id, 4)


async def _index(deps: Deps) -> None:
    assert deps.index is not None
    documents = await Records(deps.store).all("prompts")
    await deps.index.write(Batch(documents=tuple(project(document, 65_536) for document in documents)))
