"""Webhooks: made, changed, tried, replayed and removed by their owners.

An actor sees the webhooks that are its own. Who manages all keys and reads everything sees all of them, and may pause,
resume, replay and remove them, but not turn them to another URL: what they tell would be told to somebody else.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from graph.domain.actors import Access, Grant, Scope
from graph.domain.audit import AuditKind, Record
from graph.domain.errors import InvalidCursorError, InvalidInputError, NotFoundError
from graph.domain.feed import EventFilter
from graph.domain.outages import UnavailableError
from graph.domain.paging import Page, PageRequest
from graph.domain.rules import clean_event_filter
from graph.domain.webhooks import (
    Attempt,
    Delivery,
    PauseReason,
    Webhook,
    WebhookState,
    clean_url,
    message_id,
)
from graph.operations.audit import new_record
from graph.operations.deps import Deps
from graph.operations.feed import read_cursor
from graph.operations.rights import require
from graph.webhooks.addresses import AddressRefusedError
from graph.webhooks.bodies import write_test_body
from graph.webhooks.setup import WebhookSetup
from graph.webhooks.signing import SecretLostError, sign, write_secret

NONCE_BYTES = 32
MOST_SECRETS = 3


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """The webhook as it stands now, and its new secret where it has one: it is shown this once."""

    webhook: Webhook
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookPatch:
    """What is to change; None leaves a thing as it is."""

    url: str | None = None
    where: EventFilter | None = None
    state: WebhookState | None = None
    rotates_secret: bool = False


async def create_webhook(
    deps: Deps, access: Access, url: str, where: EventFilter, after: str | None = None
) -> WebhookChange:
    """Makes a webhook that tells what happens after a cursor, or from now on. Raises InvalidInputError.

    It tells what the caller's key may read, whenever it tells.
    """
    require(access, Scope.WEBHOOKS_MANAGE)
    require(access, Scope.EVENTS_READ)
    setup = _setup(deps)
    url = _clean_url(setup, url)
    if await deps.store.webhooks.count(access.actor_id) >= setup.limits.hooks:
        raise InvalidInputError(f"You have {setup.limits.hooks} webhooks, which is the most: delete one first.")
    webhook = Webhook(
        id=deps.ids(),
        url=url,
        where=clean_event_filter(where, deps.limits),
        owner_id=str(access.actor_id),
        key_id=access.key_id,
        scopes=access.scopes,
        grants=access.grants,
        secrets=(),
        position=(await deps.store.feed.span()).last if after is None else _position(deps, after),
        created_at=deps.clock(),
    )
    change = _with_new_secret(deps, webhook)
    record = _record(deps, access, AuditKind.WEBHOOK_CREATED, change.webhook, "created")
    await deps.store.webhooks.insert(change.webhook, record)
    return change


async def update_webhook(deps: Deps, access: Access, webhook_id: str, patch: WebhookPatch) -> WebhookChange:
    """Changes what is given. To a new URL, or by a new filter, or once it is resumed by its owner, it tells what the
    caller's key may read, whatever key it had before.

    Raises InvalidInputError and NotFoundError.
    """
    before = await _require(deps, access, webhook_id)
    is_owner = before.owner_id == access.actor_id
    if not is_owner and (patch.url is not None or patch.where is not None or patch.rotates_secret):
        raise InvalidInputError("Only its owner changes a webhook's URL, filter or secret; you may pause or delete it.")
    after = before
    if patch.url is not None:
        after = replace(after, url=_clean_url(_setup(deps), patch.url))
    if patch.where is not None:
        after = replace(after, where=clean_event_filter(patch.where, deps.limits))
    if patch.state is not None:
        after = _switched(deps, after, patch.state)
    is_resumed = before.reason is not None and after.reason is None
    if is_owner and (is_resumed or (after.url, after.where) != (before.url, before.where)):
        require(access, Scope.EVENTS_READ)
        after = replace(after, key_id=access.key_id, scopes=access.scopes, grants=access.grants)
    if is_resumed or after.url != before.url:
        await deps.store.deliveries.hurry(webhook_id)
    change = _with_new_secret(deps, after) if patch.rotates_secret else WebhookChange(after)
    record = _record(deps, access, AuditKind.WEBHOOK_UPDATED, after, *_changes(before, change.webhook))
    written = await deps.store.webhooks.change(before, change.webhook, record)
    if written is None:
        raise _not_found()
    return replace(change, webhook=written)


async def replay_webhook(deps: Deps, access: Access, webhook_id: str, after: str | None) -> Webhook:
    """Lets it go on after another cursor of the feed, from the log's beginning when it is None.

    What waits is forgotten. Raises NotFoundError and InvalidInputError.
    """
    before = await _require(deps, access, webhook_id)
    position = (await deps.store.feed.span()).first - 1 if after is None else _position(deps, after)
    record = _record(deps, access, AuditKind.WEBHOOK_UPDATED, before, "replayed")
    webhook = await deps.store.webhooks.set_anew(webhook_id, position, record)
    if webhook is None:
        raise _not_found()
    with suppress(UnavailableError):  # it goes on from there already, and forgets them itself
        await deps.store.deliveries.forget_waiting(webhook_id, webhook.run)
    return webhook


async def delete_webhook(deps: Deps, access: Access, webhook_id: str) -> Webhook:
    """Removes it and its log. Raises NotFoundError."""
    webhook = await _require(deps, access, webhook_id)
    record = _record(deps, access, AuditKind.WEBHOOK_DELETED, webhook, "deleted")
    await deps.store.webhooks.delete(webhook_id, record)
    with suppress(UnavailableError):  # it is gone already, and whoever delivers sweeps up after it
        await deps.store.deliveries.clear(webhook_id)
    return webhook


async def try_webhook(deps: Deps, access: Access, webhook_id: str) -> Attempt:
    """Sends a message of the type `webhook.test` now, whatever waits; it is in no log. Raises NotFoundError."""
    webhook = await _require(deps, access, webhook_id)
    setup, now = _setup(deps), deps.clock()
    try:
        signing = setup.secrets.remake(webhook, now)
    except SecretLostError:
        raise InvalidInputError("The secret is lost with the server's former signing key: rotate it.") from None
    body = write_test_body(now)
    headers = sign(signing, message_id(webhook.id, deps.ids()), now, body)
    outcome = await setup.sender.send(webhook.url, headers, body)
    return Attempt(now, outcome.latency_ms, outcome.status, outcome.error)


def _record(deps: Deps, access: Access, kind: AuditKind, webhook: Webhook, *changes: str) -> Record:
    """Of the URL only where it leads: its path may be a secret."""
    host = urlsplit(webhook.url).netloc.rpartition("@")[2]
    return new_record(deps, access, kind, {"webhook": webhook.id, "host": host, "changes": list(changes)})


def _changes(before: Webhook, after: Webhook) -> list[str]:
    names = ("url", "where", "reason", "secrets", "key_id", "scopes", "grants")
    return [name for name in names if getattr(before, name) != getattr(after, name)]


async def get_webhook(deps: Deps, access: Access, webhook_id: str) -> Webhook | None:
    """One webhook; None when there is none, or none that the caller may see."""
    found = await deps.store.webhooks.find(webhook_id) if access.has(Scope.WEBHOOKS_MANAGE) else None
    return found if found and _may_see(access, found) else None


async def page_webhooks(deps: Deps, access: Access, page: PageRequest) -> Page[Webhook]:
    """A page of those that the caller may see, newest first."""
    require(access, Scope.WEBHOOKS_MANAGE)
    return await deps.store.webhooks.page(_owner(access), page)


async def count_webhooks(deps: Deps, access: Access) -> int:
    """How many these are."""
    require(access, Scope.WEBHOOKS_MANAGE)
    return await deps.store.webhooks.count(_owner(access))


async def page_deliveries(deps: Deps, webhook: Webhook, page: PageRequest) -> Page[Delivery]:
    """A page of a webhook's log, the newest event of the newest run first."""
    return await deps.store.deliveries.page(webhook.id, page)


async def count_deliveries(deps: Deps, webhook: Webhook) -> int:
    """How many the log has."""
    return await deps.store.deliveries.count(webhook.id)


async def _require(deps: Deps, access: Access, webhook_id: str) -> Webhook:
    require(access, Scope.WEBHOOKS_MANAGE)
    webhook = await get_webhook(deps, access, webhook_id)
    if webhook is None:
        raise _not_found()
    return webhook


def _not_found() -> NotFoundError:
    return NotFoundError("There is no webhook with this id.", ("webhookId",))


def _sees_all(access: Access) -> bool:
    return access.has(Scope.KEYS_MANAGE) and access.has(Scope.PROMPTS_READ) and access.reaches(Grant(""))


def _may_see(access: Access, webhook: Webhook) -> bool:
    return webhook.owner_id == access.actor_id or _sees_all(access)


def _owner(access: Access) -> str | None:
    """Whose webhooks the caller sees; None for all."""
    return None if _sees_all(access) else str(access.actor_id)


def _position(deps: Deps, cursor: str) -> int:
    try:
        return read_cursor(deps, cursor)
    except InvalidCursorError:
        raise InvalidInputError(
            "This is no cursor of the feed. Give one that an event came with.", ("after",)
        ) from None


def _setup(deps: Deps) -> WebhookSetup:
    if deps.webhooks is None:
        raise UnavailableError("This process sends no webhooks.")
    return deps.webhooks


def _clean_url(setup: WebhookSetup, url: str) -> str:
    url = clean_url(url, setup.limits, setup.allows_http)
    try:
        setup.gate.check_url(url)
    except AddressRefusedError:
        raise InvalidInputError(
            "The address is not one of the public internet. The server's operator may allow networks of their own.",
            ("url",),
        ) from None
    return url


def _switched(deps: Deps, webhook: Webhook, state: WebhookState) -> Webhook:
    if state is webhook.state:
        return webhook
    if state is WebhookState.ACTIVE:
        return replace(webhook, reason=None, paused_at=None)
    return replace(webhook, reason=PauseReason.OWNER, paused_at=deps.clock())


def _with_new_secret(deps: Deps, webhook: Webhook) -> WebhookChange:
    setup, now = _setup(deps), deps.clock()
    mark = setup.secrets.mark(webhook.id, secrets.token_bytes(NONCE_BYTES))
    ends = now + timedelta(seconds=setup.limits.secret_overlap_seconds)
    former = [replace(one, until=min(one.until or ends, ends)) for one in webhook.secrets]
    marks = (mark, *[one for one in former if one.until and one.until > now][: MOST_SECRETS - 1])
    secret = setup.secrets.make(webhook.id, mark.nonce)
    return WebhookChange(replace(webhook, secrets=marks), write_secret(secret))
