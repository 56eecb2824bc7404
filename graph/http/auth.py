"""Reads who is calling from a request's headers. Who that is, `operations/access.py` finds out."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.errors import UnauthenticatedError
from graph.operations.deps import Deps

Identify = Callable[[web.Request], Awaitable[tuple[Deps, Access]]]
"""Finds out who is calling, by the request's headers; raises what `refuse` answers with."""

ACTOR_HEADER = "X-Promptgraph-Actor"

# RFC 6750 allows these characters; the bound keeps a megabyte from being hashed.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*)", re.IGNORECASE)
_ACTOR = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key, and the handle of the user that its holder acts for."""

    bearer: str | None = None
    actor: str | None = None


def read_credentials(request: web.Request) -> Credentials:
    """The credentials of a request. Raises UnauthenticatedError where they cannot be read."""
    authorization = request.headers.getall("Authorization", [])
    actors = request.headers.getall(ACTOR_HEADER, [])
    if not authorization and not actors:
        return Credentials()
    return Credentials(_read_bearer(authorization), _read_actor(actors))


def _read_bearer(values: list[str]) -> str | None:
    if not values:
        return None
    match = _BEARER.fullmatch(values[0].strip()) if len(values) == 1 else None
    if match is None:
        raise UnauthenticatedError("Send one key, as `Authorization: Bearer <key>`.")
    return match[1]


def _read_actor(values: list[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1 or not _ACTOR.fullmatch(values[0]):
        raise UnauthenticatedError(f"{ACTOR_HEADER} must be one handle of printable characters.")
    return values[0]
