"""Reads who is calling from a request's headers. Who that is, `operations/access.py` finds out."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.denials import UnauthenticatedError
from graph.operations.access import KEY_PREFIX
from graph.operations.deps import Deps

Identify = Callable[[web.Request], Awaitable[tuple[Deps, Access]]]
"""Finds out who is calling, by the request's headers; raises what `refuse` answers with."""

ReadCredentials = Callable[[web.Request], "Credentials"]

ACTOR_HEADER = "X-Promptgraph-Actor"

# RFC 6750 allows these characters; the bound keeps a megabyte from being hashed.
_KEY = re.compile(r"[A-Za-z0-9._~+/-]{1,512}=*")
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]{1,1400}={0,2})", re.IGNORECASE)
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


def read_key_pair(request: web.Request) -> Credentials:
    """As `read_credentials`, and from a pair of keys (RFC 7617): the secret one is ours, the public one anything."""
    authorization = request.headers.getall("Authorization", [])
    if len(authorization) != 1 or not (match := _BASIC.fullmatch(authorization[0].strip())):
        return read_credentials(request)
    try:
        pair = base64.b64decode(match[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    secret = _KEY.fullmatch(pair.partition(":")[2])
    if secret is None:
        raise UnauthenticatedError("Send any public key, and a key of this registry as the secret key.")
    return Credentials(secret[0], _read_actor(request.headers.getall(ACTOR_HEADER, [])))


def without_foreign_keys(read: ReadCredentials) -> ReadCredentials:
    """For a server that needs no key: other tools' clients insist on one, and what is none of ours says nothing."""

    def read_ours(request: web.Request) -> Credentials:
        credentials = read(request)
        is_foreign = credentials.bearer is not None and not credentials.bearer.startswith(KEY_PREFIX)
        return replace(credentials, bearer=None) if is_foreign else credentials

    return read_ours


def read_init_payload(payload: Mapping[str, Any], given: Credentials) -> Credentials:
    """The credentials on a socket: its payload has them by the headers' names, itself or under `headers`.

    What it leaves out stays as it was `given` with the handshake. Raises UnauthenticatedError.
    """
    nested = payload.get("headers")
    named = {**(nested if isinstance(nested, dict) else {}), **payload}
    bearer = _values(named, "authorization")
    actor = _values(named, ACTOR_HEADER.lower())
    return Credentials(_read_bearer(bearer) or given.bearer, _read_actor(actor) or given.actor)


def _values(named: Mapping[str, Any], header: str) -> list[str]:
    found = [value for name, value in named.items() if name.lower() == header and value is not None]
    if not all(isinstance(value, str) for value in found):
        raise UnauthenticatedError(f"{header} must be a string.")
    return found


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
