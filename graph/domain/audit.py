"""Who did what, when, from where and with which key.

The events of prompts say it of prompts. Records say it of everything else, keys and rules, and of what was refused.
Both lie in one collection and in one chain.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.domain.events import EventKind, Sight, Signature
from graph.domain.json_values import JSONObject


class AuditKind(StrEnum):
    """What happened: the kinds of events, and those of records."""

    CREATED = EventKind.CREATED.value
    UPDATED = EventKind.UPDATED.value
    VERSION_CREATED = EventKind.VERSION_CREATED.value
    LABEL_SET = EventKind.LABEL_SET.value
    LABEL_REMOVED = EventKind.LABEL_REMOVED.value
    RATED = EventKind.RATED.value
    UNRATED = EventKind.UNRATED.value
    ARCHIVED = EventKind.ARCHIVED.value
    UNARCHIVED = EventKind.UNARCHIVED.value
    DELETED = EventKind.DELETED.value
    REFERENCE_CHANGED = EventKind.REFERENCE_CHANGED.value
    API_KEY_CREATED = "api_key_created"
    API_KEY_ROTATED = "api_key_rotated"
    API_KEY_REVOKED = "api_key_revoked"
    LABEL_PROTECTED = "label_protected"
    LABEL_UNPROTECTED = "label_unprotected"
    WEBHOOK_CREATED = "webhook_created"
    WEBHOOK_UPDATED = "webhook_updated"
    WEBHOOK_DELETED = "webhook_deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be written down of a deed that changes no prompt."""

    id: str
    kind: AuditKind
    signature: Signature
    detail: JSONObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit. `prompt_id`, `before` and `after` are None where it is of no prompt."""

    id: str
    seq: int
    hash: str
    kind: AuditKind
    signature: Signature
    prompt_id: str | None
    before: Sight | None
    after: Sight | None
    detail: JSONObject


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Any value of a field will do (OR); the fields narrow together (AND). None leaves a field open."""

    actor_ids: tuple[str, ...] | None = None
    key_ids: tuple[str, ...] | None = None
    prompt_ids: tuple[str, ...] | None = None
    kinds: tuple[AuditKind, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
