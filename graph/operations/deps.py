"""Everything an operation stands on, built once in `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from graph.domain.actors import Access
from graph.domain.events import Signature
from graph.domain.findings import Reactions
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from graph.exchange.limits import ExchangeLimits
from graph.store.store import Store
from graph.upstream.echo import ECHO, Echo
from graph.upstream.models import ModelNames
from graph.upstream.protocol import Upstream
from graph.webhooks.setup import WebhookSetup
from search_sync.freshness import FreshnessReader
from search_sync.index.protocol import SearchIndex


@dataclass(frozen=True, slots=True)
class Deps:
    """The store, the clock (UTC, whole milliseconds), the maker of ids, the bounds and the signer of cursors.

    `index` is None where there is none to be asked; `index_seconds` bounds each question to it, and `freshness` tells
    how far it has come. `webhooks` is None in a process that sends none. `upstream` is None where the built-in `echo`
    answers; with `counts_streams` the provider is asked for the usage of each stream, and at most
    `upstream_answer_bytes` of an answer are held in memory.
    """

    store: Store
    clock: Callable[[], datetime]
    ids: Callable[[], str]
    signer: CursorSigner
    limits: Limits = field(default_factory=Limits)
    exchange_limits: ExchangeLimits = field(default_factory=ExchangeLimits)
    reactions: Reactions = field(default_factory=Reactions)
    protected_labels: frozenset[str] = frozenset({"production"})
    anonymous_reads_public: bool = False
    index: SearchIndex | None = None
    freshness: FreshnessReader | None = None
    index_seconds: float = 1.5
    webhooks: WebhookSetup | None = None
    upstream: Upstream | None = None
    models: ModelNames = field(default_factory=lambda: ModelNames(default=ECHO))
    counts_streams: bool = True
    upstream_answer_bytes: int = 67_108_864

    @property
    def provider(self) -> Upstream:
        """Who answers calls of models."""
        return self.upstream or Echo(self.clock, self.ids)

    def signature(self, access: Access) -> Signature:
        """Who does something, from where, and that it is now."""
        origin = access.origin
        return Signature(access.actor_id, access.key_id, self.clock(), origin.address, origin.request_id)
