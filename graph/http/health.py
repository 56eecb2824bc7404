"""Is the process alive, and can it serve? For balancers and container platforms."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from graph.domain.outages import UnavailableError
from graph.http.errors import json_response

READY_SECONDS = 2.0
_NO_STORE = {"Cache-Control": "no-store"}

Ready = Callable[[], Awaitable[Mapping[str, str]]]
Tell = Callable[[], Awaitable[Mapping[str, object]]]


async def live(request: web.Request) -> web.Response:
    """200 while the process answers at all: whatever stands behind it, a restart would not mend that."""
    return json_response({"status": "ok"}, headers=_NO_STORE)


class Readiness:
    """Asks the parts. `ready` tells each part's state, `ok` or what is wrong, or raises UnavailableError.

    `told` adds how others stand by their names, which makes nobody unready: without the index all but searches are
    answered, and without the feed's numbers nothing is lost.
    """

    def __init__(self, ready: Ready, told: Mapping[str, Tell] | None = None) -> None:
        self._ready = ready
        self._told = told or {}

    async def answer(self, request: web.Request) -> web.Response:
        """200 when every part is `ok`, else 503; within two seconds."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                parts = dict(await self._ready())
                told = {name: dict(await tell()) for name, tell in self._told.items()}
        except UnavailableError as error:
            return _unavailable({"code": error.code, "message": error.message})
        except TimeoutError:
            return _unavailable({"code": UnavailableError.code, "message": "The server's parts do not answer."})
        if any(state != "ok" for state in parts.values()):
            return _unavailable({"parts": parts, **told})
        return json_response({"status": "ok", "parts": parts, **told}, headers=_NO_STORE)


def _unavailable(told: Mapping[str, object]) -> web.Response:
    return json_response({"status": "unavailable", **told}, 503, {**_NO_STORE, "Retry-After": "1"})
