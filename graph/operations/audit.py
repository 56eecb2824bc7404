"""What is written down beside the changes to prompts, and the audit as it is read.

A record of a deed is written in the transaction of the deed. What was refused is gathered and written in batches.
"""

from collections.abc import Callable
from dataclasses import dataclass

from graph.domain.actors import Access, Scope
from graph.domain.audit import AuditEntry, AuditFilter, AuditKind, Record
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.paging import page_size
from graph.operations.deps import Deps
from graph.operations.rights import require

CURSOR_SCOPE = "audit"


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first. `end` is the place down to which nothing is left out."""

    entries: tuple[AuditEntry, ...]
    end: int
    has_next: bool
    has_previous: bool


def new_record(deps: Deps, access: Access, kind: AuditKind, detail: JSONObject) -> Record:
    """The record of a deed of this caller, to be written with the deed (`store.audit.append`)."""
    return Record(deps.ids(), kind, deps.signature(access), detail)


async def record(deps: Deps, access: Access, kind: AuditKind, detail: JSONObject) -> None:
    """Writes a record that stands for itself. Raises StoreUnavailableError."""
    await deps.store.audit.append_many([new_record(deps, access, kind, detail)])


def note_refusal(deps: Deps, access: Access, operation: str, code: str) -> None:
    """Counts an attempt that was refused. It costs no write of its own: see `store/refusals.py`."""
    deps.store.refusals.note(deps.signature(access), operation, code, deps.ids)


def audit_cursor(deps: Deps, seq: int) -> str:
    """The cursor of an entry."""
    return deps.signer.sign(CURSOR_SCOPE, (seq,))


async def read_audit(
    deps: Deps,
    access: Access,
    where: AuditFilter,
    first: int | None,
    after: str | None,
    pay: Callable[[int], None] = lambda size: None,
) -> AuditPage:
    """What the caller may know of the audit, from a cursor back, or from the newest entry.

    One page looks at `limits.log_counted` entries at most, and then says that there is a next one. Raises
    UnauthenticatedError, ForbiddenError, InvalidInputError and InvalidCursorError.
    """
    require(access, Scope.AUDIT_READ)
    _check(deps, where)
    size, _ = page_size(first, None, deps.limits)
    pay(size)
    span = await deps.store.feed.span()
    before = span.last + 1 if after is None else int(deps.signer.read(CURSOR_SCOPE, after)[0])
    floor = max(span.first - 1, before - 1 - deps.limits.log_counted)
    found = await deps.store.audit.read(access, where, floor, before, size + 1)
    is_full = len(found) > size
    entries = tuple(found[:size])
    end = entries[-1].seq if is_full else floor + 1
    return AuditPage(entries, end, has_next=is_full or floor >= span.first, has_previous=after is not None)


async def count_audit(deps: Deps, access: Access, where: AuditFilter) -> int:
    """How many there are for the caller, among the newest `limits.log_counted` entries."""
    span = await deps.store.feed.span()
    floor = max(span.first - 1, span.last - deps.limits.log_counted)
    return await deps.store.audit.count(access, where, floor, span.last + 1)


def _check(deps: Deps, where: AuditFilter) -> None:
    fields = (where.actor_ids, where.key_ids, where.prompt_ids, where.kinds)
    most = max((len(values) for values in fields if values), default=0)
    if most > deps.limits.filter_values:
        raise InvalidInputError(
            f"A filter takes at most {deps.limits.filter_values} values a field; these are {most}.", ("filter",)
        )
