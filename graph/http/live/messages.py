"""What is said on a socket: the messages of `graphql-transport-ws`, and the codes that it closes with.

The protocol is PROTOCOL.md of npm's `graphql-ws`; the names of the codes are its reasons.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from graph.domain.json_values import compact_json
from graph.http.errors import Formatted, RequestRefusedError
from graph.http.parameters import Parameters, check_parameters, decode_json

PROTOCOL = "graphql-transport-ws"
LONGEST_ID = 255
LONGEST_REASON = 123  # bytes: what is left of a control frame, RFC 6455, section 5.5


class Code(IntEnum):
    """Why a socket was closed."""

    GOING_AWAY = 1001
    TRY_AGAIN_LATER = 1013
    INVALID_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATIONS = 4429


class SocketClosedError(Exception):
    """The socket is closed with this code and reason."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore").encode()


@dataclass(frozen=True, slots=True)
class Init:
    """The client wants to begin; `payload` holds what it would send as headers."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered with a pong of the same payload."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The client is there."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Run an operation; what it answers goes under `id`."""

    id: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


Heard = Init | Ping | Pong | Subscribe | Complete


def read_message(text: str) -> Heard:
    """A message of the client's. Raises SocketClosedError, with 4400, for anything that is none."""
    try:
        message = decode_json(text.encode("utf-8", "surrogatepass"), "The message")
        return _read(message)
    except RequestRefusedError as error:
        raise SocketClosedError(Code.INVALID_MESSAGE, error.message) from None


def _read(message: Any) -> Heard:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind == "subscribe":
        return Subscribe(_read_id(message), check_parameters(message.get("payload")))
    if kind == "complete":
        return Complete(_read_id(message))
    if kind not in ("connection_init", "ping", "pong"):
        raise SocketClosedError(Code.INVALID_MESSAGE, f"A message is a JSON object with a `type` of {PROTOCOL}.")
    payload = message.get("payload")
    if not isinstance(payload, dict | None):
        raise SocketClosedError(Code.INVALID_MESSAGE, f"The payload of `{kind}` must be a JSON object.")
    if kind == "connection_init":
        return Init(payload or {})
    return Ping(payload) if kind == "ping" else Pong()


def _read_id(message: dict[str, Any]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise SocketClosedError(Code.INVALID_MESSAGE, f"`id` must be a string of 1 to {LONGEST_ID} characters.")
    return found


def write(kind: str, **more: Any) -> bytes:
    """A message to the client."""
    return compact_json({"type": kind, **more}).encode()


def next_head(operation_id: str) -> bytes:
    """What stands before the payload of a `next`; a brace closes it."""
    return write("next", id=operation_id)[:-1] + b',"payload":'


def write_error(operation_id: str, errors: list[Formatted]) -> bytes:
    """The end of an operation that was refused or broken off."""
    return write("error", id=operation_id, payload=errors)
