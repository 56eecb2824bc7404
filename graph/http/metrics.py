"""`/metrics`: requests and the index's state as Prometheus text (exposition format 0.0.4). Sums only, of nobody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from time import perf_counter

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.domain.feed import FeedState, FollowerState
from graph.http.origin import Handler
from search_sync.status import Fate, State, Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
OTHER = "other"

ReadStatus = Callable[[], Awaitable[Status | None]]
"""What the index's worker tells of itself, wherever it runs; None when nobody knows."""

ReadFeed = Callable[[], Awaitable[FeedState | None]]
"""How the feed stands; None when nobody knows."""

ReadReferences = Callable[[], Awaitable[FollowerState | None]]
"""How far those that include what has changed have been told of it; None when nobody knows."""


async def _unknown() -> None:
    return None


def _deaf() -> bool:
    return False


class Metrics:
    """The figures of one server."""

    def __init__(
        self,
        read_status: ReadStatus,
        read_feed: ReadFeed = _unknown,
        read_references: ReadReferences = _unknown,
        hears_changes: Callable[[], bool] = _deaf,
    ) -> None:
        self._read_status = read_status
        self._read_feed = read_feed
        self._read_references = read_references
        self._registry = CollectorRegistry()
        self._sync = SyncFigures()
        self._feed = FeedFigures()
        self._references = ReferenceFigures()
        for figures in (self._sync, self._feed, self._references, ChangeFigures(hears_changes)):
            self._registry.register(figures)
        self._seconds = Histogram(
            "promptgraph_request_seconds",
            "Requests answered, and how long that took.",
            ("path", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._timer = cache(self._seconds.labels)  # there are few, and finding one takes longer than counting

    async def answer(self, request: web.Request) -> web.Response:
        """All figures of this moment."""
        # At once: while the database does not answer, each of them waits for it.
        self._sync.status, self._feed.state, self._references.state = await asyncio.gather(
            self._read_status(), self._read_feed(), self._read_references()
        )
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
        )

    def observe(self) -> Middleware:
        """Counts and times every request. A path that is not served counts as `other`: callers make no labels."""

        @web.middleware
        async def observe_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            started = perf_counter()
            response = await handler(request)
            resource = request.match_info.route.resource
            path = resource.canonical if resource else OTHER
            self._timer(path, response.status).observe(perf_counter() - started)
            return response

        return observe_request


class SyncFigures(Collector):
    """The worker's figures, as they were read last."""

    def __init__(self) -> None:
        self.status: Status | None = None

    def collect(self) -> Iterable[Metric]:
        """Called by the registry. Without a status there is only that there is none."""
        status = self.status
        yield _gauge(
            "sync_up", "1 while a worker keeps the index in step.", float(status is not None and _is_up(status))
        )
        if status is None:
            return
        yield _gauge("sync_lag_milliseconds", "Age of the oldest change that is not in the index.", status.lag_ms)
        if status.counts_all:  # else more may wait than it has been told of: no figure is better than a low one
            yield _gauge("sync_pending_changes", "Prompts that changed and are not in the index.", status.pending)
        yield _gauge("sync_dead_letters", "Prompts that the index refused.", status.dead_letters)
        if status.indexed_at:
            newest = status.indexed_at.timestamp()
            yield _gauge("sync_indexed_at_seconds", "Time of the newest change in the index, since 1970.", newest)
        for fate in Fate:
            name = f"promptgraph_sync_{fate.value}"
            yield CounterMetricFamily(
                name, f"{fate.value.replace('_', ' ').capitalize()}.", status.counters[fate.value]
            )


class FeedFigures(Collector):
    """The feed's figures, as they were read last."""

    def __init__(self) -> None:
        self.state: FeedState | None = None

    def collect(self) -> Iterable[Metric]:
        """Called by the registry."""
        if (state := self.state) is not None:
            yield _gauge("feed_up", "1 while a sequencer numbers events.", float(state.is_numbered))
            yield _gauge("feed_last_seq", "The number of the newest event.", state.span.last)
            yield _gauge("feed_unnumbered_events", "Events that have no number yet, up to 1,000.", state.unnumbered)


class ReferenceFigures(Collector):
    """The figures of the follower of references, as they were read last."""

    def __init__(self) -> None:
        self.state: FollowerState | None = None

    def collect(self) -> Iterable[Metric]:
        """Called by the registry."""
        if (state := self.state) is not None:
            yield _gauge(
                "references_up", "1 while somebody tells those that include what changes.", float(state.is_working)
            )
            yield _gauge("references_waiting_events", "Events that have not been looked at for that.", state.waiting)


class ChangeFigures(Collector):
    """Whether prompts and keys are kept in memory at this moment."""

    def __init__(self, hears_changes: Callable[[], bool]) -> None:
        self._hears_changes = hears_changes

    def collect(self) -> Iterable[Metric]:
        """Called by the registry."""
        text = "1 while MongoDB tells of changes, so that prompts and keys are kept in memory."
        yield _gauge("changes_heard", text, float(self._hears_changes()))


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"promptgraph_{name}", text, value)


def _is_up(status: Status) -> bool:
    return status.state in (State.BUILDING, State.FOLLOWING)
