"""The registry itself, for the server and for every command that needs it, with or without a server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import time_ns

from bson import ObjectId

from graph.domain.paging import CursorSigner
from graph.model_provider import model_names
from graph.operations.access import LOCAL
from graph.operations.deps import Deps
from graph.settings import Settings
from graph.store.cache import VersionCache, memory_cache, redis_cache
from graph.store.secrets import signing_key
from graph.store.store import Keeping, open_store


@asynccontextmanager
async def open_registry(settings: Settings, mongodb_url: str) -> AsyncIterator[Deps]:
    """What operations stand on."""
    async with open_store(
        mongodb_url,
        settings.mongodb_database,
        operation_seconds=settings.store_timeout_seconds,
        cache=_version_cache(settings),
        limits=settings.limits,
        keeping=Keeping(settings.kept_seconds, settings.kept_entries, settings.kept_bytes),
    ) as store:
        await store.actors.ensure(LOCAL)
        await store.removals.clear_left(now())
        secret = settings.secret.get_secret_value().encode() if settings.secret else await signing_key(store.database)
        deps = Deps(
            store=store,
            clock=now,
            ids=new_id,
            signer=CursorSigner(secret),
            limits=settings.limits,
            exchange_limits=settings.exchange_limits,
            reactions=settings.checks,
            protected_labels=frozenset(settings.protected_labels),
            anonymous_reads_public=settings.anonymous == "public",
            index_seconds=settings.index_timeout_seconds,
            models=model_names(settings),
            counts_streams=settings.upstream_counts_streams,
            upstream_answer_bytes=settings.upstream_answer_bytes,
        )
        async with (
            store.renders.flushing(settings.usage_flush_seconds),
            store.key_uses.flushing(settings.key_use_flush_seconds),
            store.refusals.flushing(settings.refusal_flush_seconds),
            store.removals.sweeping(now),
        ):
            yield deps


def new_id() -> str:
    """For what is kept: ids that follow each other in time lie side by side in MongoDB's index."""
    return str(ObjectId())


def now() -> datetime:
    """Now in UTC, in whole milliseconds, which is what MongoDB keeps."""
    return datetime.fromtimestamp(time_ns() // 1_000_000 / 1_000, UTC)


def _version_cache(settings: Settings) -> VersionCache:
    if settings.redis_url:
        url = settings.redis_url.get_secret_value()
        return redis_cache(url, settings.mongodb_database, settings.redis_timeout_seconds)
    return memory_cache(settings.cache_entries, settings.cache_bytes)
