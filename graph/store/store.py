"""All that is kept, as one object."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.domain.actors import Actor, ApiKey
from graph.domain.limits import Limits
from graph.domain.prompts import Prompt
from graph.store.actors import ActorStore
from graph.store.api_keys import ApiKeyStore
from graph.store.api_keys import weigh as weigh_key
from graph.store.archives import ArchiveStore
from graph.store.audit import AuditStore
from graph.store.cache import VersionCache, memory_cache
from graph.store.causality import Causality
from graph.store.change_watch import ChangeWatch
from graph.store.connection import connect, refuse_single_server, telling_operators
from graph.store.database import Database, close_quietly
from graph.store.deliveries import DeliveryStore
from graph.store.events import EventStore
from graph.store.examinations import ExaminationStore
from graph.store.feed import FeedStore
from graph.store.feedback import FeedbackStore
from graph.store.hub import FeedHub
from graph.store.indexes import ensure_indexes
from graph.store.kept import Kept
from graph.store.key_uses import KeyUseStore
from graph.store.key_watch import KeyWatch
from graph.store.locks import PromptLocks
from graph.store.log import LogStore
from graph.store.prompts import PromptStore
from graph.store.prompts import weigh as weigh_prompt
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
class Keeping:
    """How many prompts, and how many keys, are kept in memory, and bytes of each, while `Store.watch` is running.

    When MongoDB was not heard from for so many seconds it is asked each time; 0 keeps nothing.
    """

    seconds: float
    entries: int
    size: int


NO_KEEPING = Keeping(0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class Store:
    """One collaborator for each noun, all on one database."""

    database: Database
    watch: ChangeWatch
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


def build_store(database: Database, cache: VersionCache, limits: Limits, keeping: Keeping = NO_KEEPING) -> Store:
    """Joins the parts."""
    watch = ChangeWatch(database, keeping.seconds)
    kept_prompts = Kept[Prompt](keeping.entries, watch.is_heard, keeping.size, weigh_prompt)
    kept_keys = Kept[tuple[ApiKey, Actor]](keeping.entries, watch.is_heard, keeping.size, weigh_key)
    watch.tell("prompts", kept_prompts)
    watch.tell("api_keys", kept_keys)
    watch.tell("actors", kept_keys)
    locks = PromptLocks(database.timeout, on_release=kept_prompts.forget)
    events = EventStore(database)
    audit = AuditStore(database)
    archives = ArchiveStore(database, limits)
    removals = RemovalStore(database)
    causality = Causality(database)
    feed = FeedStore(database, causality)
    references = ReferenceStore(database)
    prompts = PromptStore(database, locks, events, archives, removals, references, limits, kept_prompts)
    return Store(
        database=database,
        watch=watch,
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
        api_keys=ApiKeyStore(database, audit, kept_keys),
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
    keeping: Keeping = NO_KEEPING,
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
        store = build_store(Database(client, name, operation_seconds), cache, limits or Limits(), keeping)
        try:
            yield store
        finally:
            await store.hub.close()
    finally:
        await cache.close()
        await close_quietly(client)
