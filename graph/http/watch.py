"""`GET /watch`: which names have changed, for caches and mirrors that speak no GraphQL.

    curl "localhost:8080/watch"                          {"cursor": "…", "changes": []}, at once
    curl "localhost:8080/watch?after=…&folder=support"   as soon as something has changed, or after `wait` seconds
    curl -H "Accept: text/event-stream" …                the same as server-sent events

It reads the same log as `promptEvents` and `promptEventLog`, with the same cursors and the same rights. `folder`,
`label` and `tag` may be repeated: any one will do, and the three narrow together.
"""

import re
from collections.abc import Mapping

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.errors import InvalidInputError, PromptgraphError
from graph.domain.feed import EventFilter
from graph.domain.limits import LiveLimits
from graph.domain.rules import clean_event_filter
from graph.http.auth import Identify
from graph.http.errors import Mask, RequestRefusedError, json_response, refusal, refuse
from graph.http.live.event_stream import EventStream, open_event_stream
from graph.http.live.faces import LiveFaces
from graph.http.live.waiting import Waiting
from graph.http.live.watching import Watching, describe_page, frame, tell_changes
from graph.http.negotiation import EVENT_STREAM, JSON, choose_media_type
from graph.operations.deps import Deps
from graph.operations.feed import find_place
from graph.operations.polls import poll_log

NO_STORE = {"Cache-Control": "no-store"}
WAIT_SECONDS = 30.0
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


class Watch:
    """Answers the path. Its streams are among those of `live`, and its polls are counted with them."""

    def __init__(self, identify: Identify, live: LiveFaces, limits: LiveLimits, mask: Mask) -> None:
        self._identify = identify
        self._live = live
        self._limits = limits
        self._mask = mask

    def routes(self) -> list[web.RouteDef]:
        """The one path."""
        return [web.get("/watch", self._answer, allow_head=False)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            media_type = choose_media_type(request.headers.get("Accept"))
            if media_type not in (JSON, EVENT_STREAM):
                message = f"Accept {JSON} or {EVENT_STREAM}: nothing else is served here."
                raise RequestRefusedError(406, "NOT_ACCEPTABLE", message)
            deps, access = await self._identify(request)
            self._live.connections.refuse_more()
            self._live.subscriptions.refuse_more()
            act = self._stream if media_type == EVENT_STREAM else self._poll
            return await act(request, deps, access)
        except RequestRefusedError as error:
            headers = {**error.headers, **NO_STORE}
            return refusal(error.status, error.message, {"code": error.code}, headers)
        except PromptgraphError as error:
            answer = refuse(error)
            answer.headers.update(NO_STORE)
            return answer

    async def _poll(self, request: web.Request, deps: Deps, access: Access) -> web.StreamResponse:
        where, after = read_filter(request), read_after(request)
        seconds = read_wait(request.query, self._limits)
        waiting = Waiting(request)
        with self._live.connections.keeping(waiting), self._live.subscriptions.counting():
            page = await waiting.wait(poll_log(deps, access, where, after, seconds))
        return json_response(describe_page(deps, page), headers=NO_STORE)

    async def _stream(self, request: web.Request, deps: Deps, access: Access) -> web.StreamResponse:
        # What is wrong at the start is told by the status, which an EventSource heeds.
        where = clean_event_filter(read_filter(request), deps.limits)
        watching = Watching(deps, access, where, await find_place(deps, access, read_after(request)))
        response, outlet = await open_event_stream(request)
        stream = EventStream(self._limits, outlet, frame)
        with self._live.connections.keeping(stream):
            await stream.serve(tell_changes(self._live.subscriptions, self._mask, watching, stream))
        return response


def read_after(request: web.Request) -> str | None:
    """The cursor: that of an EventSource which connects again comes before the one in its URL."""
    return request.headers.get("Last-Event-ID") or request.query.get("after")


def read_filter(request: web.Request) -> EventFilter:
    """What is watched."""
    folders, tags, labels = (tuple(request.query.getall(name, ())) or None for name in ("folder", "tag", "label"))
    return EventFilter(folders=folders, tags=tags, labels=labels)


def read_wait(query: Mapping[str, str], limits: LiveLimits) -> float:
    """How many seconds a poll waits for a change. Raises InvalidInputError."""
    text = query.get("wait")
    if text is None:
        return min(WAIT_SECONDS, limits.wait_seconds)
    if not _SECONDS.fullmatch(text) or float(text) > limits.wait_seconds:
        raise InvalidInputError(f"`wait` is a number of seconds from 0 to {limits.wait_seconds}.", ("wait",))
    return float(text)
