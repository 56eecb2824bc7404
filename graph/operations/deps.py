"""Everything an operation stands on, built once in `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from graph.domain.actors import Access
from graph.domain.events import Signature
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from graph.exchange.limits import ExchangeLimits
from graph.store.store import Store
from graph.webhooks.setup import WebhookSetup
from search_sync.freshness import FreshnessReader
from search_sync.index.protocol import SearchIndex


@dataclass(frozen=True, slots=True)
class Deps:
    """The store, the clock (UTC, whole milliseconds), the maker of ids, the bounds and the signer of cursors.

    `index` is None where there is none to be asked; `index_seconds` bounds each question to it, and `freshness` tells
    how far it has come. `webhooks` is None in a process that sends none.
    """

    store: Store
    clock: Callable[[], datetime]
    ids: Callable[[], str]
    signer: CursorSigner
    limits: Limits = field(default_factory=Limits)
    exchange_limits: ExchangeLimits = field(default_factory=ExchangeLimits)
    protected_labels: frozenset[str] = frozenset({"production"})
    anonymous_reads_public: bool = False
    index: SearchIndex | None = None
    freshness: FreshnessReader | None = None
    index_seconds: float = 1.5
    webhooks: WebhookSetup | None = None

    def signature(self, access: Access) -> Signature:
        """Who changes something, and that it is now."""
        return Signature(access.actor_id, access.key_id, self.clock())
