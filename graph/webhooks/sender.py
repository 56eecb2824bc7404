"""One attempt: a POST, and how it went in the words of the delivery log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, InvalidURL

from graph.webhooks.addresses import AddressRefusedError

GONE = 410
LONGEST_ASKED_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer's status, or an error when there was none. `pause_seconds` is what a `Retry-After` asks for."""

    latency_ms: int
    status: int | None = None
    error: str | None = None
    pause_seconds: float | None = None

    @property
    def is_delivered(self) -> bool:
        """True for any 2xx; nothing else counts."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """True when the receiver wants nothing any more."""
        return self.status == GONE


class Sender:
    """Posts bodies. The answer's body is never asked for; what comes of it uncalled is bounded by the client."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Makes the attempt within the client's time. Never raises for what the receiver does."""
        started = time.monotonic()
        told = {"Content-Type": "application/json", **headers}
        try:
            async with self._session.post(url, data=body, headers=told, allow_redirects=False) as response:
                return Outcome(_since(started), response.status, _fault(response.status), _asked_pause(response))
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            return Outcome(_since(started), error=_reason(error))


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _fault(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return "The receiver answered with a redirect, which is not followed: give its final URL."
    return f"The receiver answered with the status {status}."


def _asked_pause(response: ClientResponse) -> float | None:
    asked = response.headers.get("Retry-After", "")
    return float(min(int(asked), LONGEST_ASKED_SECONDS)) if asked.isascii() and asked.isdigit() else None


def _reason(error: Exception) -> str:
    """What the owner may know: the kind of the fault, never an address or a text from inside."""
    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, AddressRefusedError):
        return "The host's address is not one of the public internet, and no setting allows it."
    if isinstance(error, TimeoutError):
        return "The receiver did not answer in time."
    if isinstance(error, InvalidURL):
        return "The URL cannot be used."
    if isinstance(error, ClientConnectorError):
        return "No connection could be made."
    return "The connection broke, or the answer was no HTTP."
