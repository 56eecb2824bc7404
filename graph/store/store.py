"""All that is kept, as one object."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.domain.limits import Limits
from graph.store.actors import ActorStore
from graph.store.api_keys import ApiKeyStore
from graph.store.archives import ArchiveStore
from graph.store.audit import AuditStore
from graph.store.cache import VersionCache, memory_cache
from graph.store.causality import Causality
from graph.store.connection import connect, refuse_single_server, telling_operators
from graph.store.database import Database, close_quietly
from graph.store.deliveries import DeliveryStore
from graph.store.events import EventStore
from graph.store.examinations import ExaminationStore
from graph.store.feed import FeedStore
from graph.store.feedback import FeedbackStore
from graph.store.hub import FeedHub
from graph.store.indexes import ensure_indexes
from graph.store.key_uses import KeyUseStore
from graph.store.key_watch import KeyWatch
from graph.store.locks import PromptLocks
from graph.store.log import LogStore
from graph.store.prompts import PromptStore
from graph.store.protected_labels import ProtectedLabelStore
from graph.store.ratings import RatingStore
from graph.store.reference_events import ReferenceEventStore
from graph.store.references import ReferenceStore
from graph.store.refusals import RefusalStore
from graph.store.removals import RemovalStore
from graph.store.renders import RenderStore
from graph.store.versions import VersionStore
from graph.store.webhooks import WebhookStore

OPENING_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Store:
    """One collaborator for each noun, all on one database."""

    database: Database
    prompts: PromptStore
    versions: VersionStore
    ratings: RatingStore
    events: EventStore
    feed: FeedStore
    hub: FeedHub
    log: LogStore
    audit: AuditStore
    refusals: RefusalStore
    renders: RenderStore
    feedback: FeedbackStore
    actors: ActorStore
    api_keys: ApiKeyStore
    key_watch: KeyWatch
    key_uses: KeyUseStore
    protected_labels: ProtectedLabelStore
    removals: RemovalStore
    references: ReferenceStore
    reference_events: ReferenceEventStore
    webhooks: WebhookStore
    deliveries: DeliveryStore
    examinations: ExaminationStore


def build_store(database: Database, cache: VersionCache, limits: Limits) -> Store:
    """Joins the parts."""
    locks = PromptLocks(database.timeout)
    events = EventStore(database)
    audit = AuditStore(database)
    archives = ArchiveStore(database, limits)
    removals = RemovalStore(database)
    causality = Causality(database)
    feed = FeedStore(database, causality)
    references = ReferenceStore(database)
    prompts = PromptStore(database, locks, events, archives, removals, references, limits)
    return Store(
        database=database,
        prompts=prompts,
        versions=VersionStore(database, locks, events, archives, cache, references),
        ratings=RatingStore(database, locks, events, prompts),
        events=events,
        feed=feed,
        hub=FeedHub(feed, limits),
        log=LogStore(database, causality),
        audit=audit,
        refusals=RefusalStore(audit, limits.refusals),
        renders=RenderStore(database),
        feedback=FeedbackStore(database, locks, prompts),
        actors=ActorStore(database),
        api_keys=ApiKeyStore(database, audit),
        key_watch=KeyWatch(database),
        key_uses=KeyUseStore(database),
        protected_labels=ProtectedLabelStore(database, audit),
        removals=removals,
        references=references,
        reference_events=ReferenceEventStore(database, locks, events),
        webhooks=WebhookStore(database, audit),
        deliveries=DeliveryStore(database),
        examinations=ExaminationStore(database),
    )


@asynccontextmanager
async def open_store(
    url: str,
    name: str,
    *,
    operation_seconds: float = 1.5,
    cache: VersionCache | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Store]:
    """A store on the database `name` at `url`, with its indexes made; `operation_seconds` bounds each operation.

    Raises StoreUnavailableError when the database does not answer at first, StoreMisconfiguredError when it is none
    that can be used.
    """
    client = connect(url, name)
    cache = cache or memory_cache(entries=1_000, size=16_777_216)
    try:
        with telling_operators():
            opening = Database(client, name, OPENING_SECONDS)
            await refuse_single_server(opening)
            await ensure_indexes(opening)
        store = build_store(Database(client, name, operation_seconds), cache, limits or Limits())
        try:
            yield store
        finally:
            await store.hub.close()
    finally:
        await cache.close()
        await close_quietly(client)
