"""Webhooks: where to, what of, and how the deliveries went."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit

from graph.domain.actors import Grant, Scope
from graph.domain.errors import InvalidInputError
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter
from graph.domain.limits import WebhookLimits

WEB_PORTS = (80, 443)
FIRST_FREE_PORT = 1024
OLDEST_FIRST_DIGITS = 16


class WebhookState(StrEnum):
    """ACTIVE: what happens is sent. PAUSED: it waits in the log until the webhook is active again."""

    ACTIVE = "active"
    PAUSED = "paused"


class PauseReason(StrEnum):
    """Why nothing is sent."""

    OWNER = "owner"
    RECEIVER_GONE = "receiver_gone"
    RECEIVER_FAILING = "receiver_failing"
    KEY_ENDED = "key_ended"
    SECRET_LOST = "secret_lost"
    CURSOR_EXPIRED = "cursor_expired"
    HISTORY_LOST = "history_lost"


@dataclass(frozen=True, slots=True)
class SecretMark:
    """What a secret is made again from, and known by. `until` is when it ends; None for the present one."""

    nonce: bytes
    check: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL that is told of events.

    It tells what the key `key_id` may read now; `scopes` and `grants` are what whoever set it held then, and count
    where there was no key. `position` is the `seq` up to which events have become deliveries, `run` counts how often
    it was set anew. `paused_at` is None while it is active.
    """

    id: str
    url: str
    where: EventFilter
    owner_id: str
    key_id: str | None
    scopes: frozenset[Scope]
    grants: tuple[Grant, ...]
    secrets: tuple[SecretMark, ...]
    position: int
    created_at: datetime
    run: int = 0
    reason: PauseReason | None = None
    paused_at: datetime | None = None

    @property
    def state(self) -> WebhookState:
        """PAUSED while there is a reason."""
        return WebhookState.PAUSED if self.reason else WebhookState.ACTIVE


class DeliveryState(StrEnum):
    """WAITING: to be sent, or sent again. FAILED: given up. SKIPPED: its event may no longer be told, or is gone."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: the status of its answer, or an error when there was none; both for a status that is no 2xx."""

    at: datetime
    latency_ms: int
    status: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. `attempts` are the last ones of `attempt_count`.

    `failures` counts those in a row, since `first_failed_at`; they are forgotten when the webhook is resumed. `next_at`
    is when it is tried again; None for at once, or never when it is over.
    """

    id: str
    webhook_id: str
    run: int
    seq: int
    message_id: str
    prompt_id: str
    kind: EventKind
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempt_count: int = 0
    attempts: tuple[Attempt, ...] = ()
    failures: int = 0
    first_failed_at: datetime | None = None
    next_at: datetime | None = None
    finished_at: datetime | None = None


def delivery_id(webhook_id: str, run: int, seq: int) -> str:
    """One for each event in each run, so that none is queued twice; in a webhook's ids, later ones are greater."""
    return f"{webhook_id}:{run:08d}:{seq:0{OLDEST_FIRST_DIGITS}d}"


def message_id(webhook_id: str, event_id: str) -> str:
    """What the receiver knows the message by: the same for each attempt, after a crash and in a replay."""
    return "msg_" + sha256(f"{webhook_id}\0{event_id}".encode()).hexdigest()[:32]


def pause_seconds(failures: int, limits: WebhookLimits, chance: float) -> float:
    """How long to wait after so many failures in a row; `chance`, from 0 to 1, spreads it over its upper half."""
    step = limits.first_pause_seconds * 2.0 ** min(failures - 1, 40)
    return min(step, limits.longest_pause_seconds) * (0.5 + 0.5 * chance)


def clean_url(url: str, limits: WebhookLimits, allows_http: bool) -> str:
    """The URL as it is. Raises InvalidInputError, which tells the rule that it breaks."""
    if not 1 <= len(url) <= limits.url:
        raise _refused(f"A URL has 1 to {limits.url} characters; this one has {len(url)}.")
    if not all("!" <= character <= "~" and character not in '\\"<>^`{|}' for character in url):
        raise _refused(
            "A URL is written in ASCII, without spaces: encode the rest by percent signs, hosts by Punycode."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _refused("This is no URL: write it as https://partner.example/hooks.") from None
    if parts.scheme not in (("https", "http") if allows_http else ("https",)) or not host:
        raise _refused("A webhook's URL begins with https:// and names a host.")
    if "@" in parts.netloc or "#" in url:
        raise _refused("A webhook's URL has no user, no password and no fragment: the signature says who is calling.")
    if port is not None and port not in WEB_PORTS and port < FIRST_FREE_PORT:
        raise _refused(f"A webhook's port is 443, 80 or at least {FIRST_FREE_PORT}.")
    return url


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError(message, ("url",))
