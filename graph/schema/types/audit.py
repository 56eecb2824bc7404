"""The audit: who did what, when, from where and with which key."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Self

import strawberry
from strawberry import Private

from graph.domain import audit as domain
from graph.domain.audit import AuditKind
from graph.operations.audit import AuditPage, audit_cursor, count_audit, read_audit
from graph.schema.connections import PageInfo
from graph.schema.context import Info
from graph.schema.fields import Eventually, resolved
from graph.schema.lookahead import selected_names
from graph.schema.node import encode_id, prompt_id, read_actor_id, read_api_key_id, read_prompt_id
from graph.schema.scalars import JSONObject
from graph.schema.types.actor import Actor, load_actor
from graph.schema.types.enums import publish

publish(
    AuditKind,
    "What was done.",
    CREATED="A prompt, with its first version.",
    UPDATED="A prompt's facts.",
    API_KEY_ROTATED="A key was made in the place of another, which `detail` names as `from`.",
    LABEL_PROTECTED="From then on only holders of `labels:protected` move the label.",
    REFUSED="Attempts that were refused, counted: `detail` has `operation`, `code`, `count` and `since`.",
)


@strawberry.input
class AuditFilter:
    """Different fields narrow together; within a field any one will do."""

    actor_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Who did it.")
    api_key_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="With which key.")
    prompt_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="To which prompts.")
    kinds: list[AuditKind] | None = strawberry.field(default=None, description="What was done.")
    since: datetime | None = strawberry.field(default=None, description="From this moment on.")
    until: datetime | None = strawberry.field(default=None, description="Before this moment.")

    def to_domain(self) -> domain.AuditFilter:
        """In the words of the domain. Raises InvalidInputError for an id of another thing."""
        return domain.AuditFilter(
            actor_ids=_read_all(self.actor_ids, "actorIds", read_actor_id),
            key_ids=_read_all(self.api_key_ids, "apiKeyIds", read_api_key_id),
            prompt_ids=_read_all(self.prompt_ids, "promptIds", read_prompt_id),
            kinds=None if self.kinds is None else tuple(self.kinds),
            since=self.since,
            until=self.until,
        )


@strawberry.type
class AuditEntry:
    """One line of the audit."""

    sequence: int = strawberry.field(description="Its place in the chain, gapless; changes to prompts are in it too.")
    kind: AuditKind = strawberry.field(description="What was done.")
    occurred_at: datetime = strawberry.field(description="When it was done; of refused attempts, the last.")
    api_key_id: strawberry.ID | None = strawberry.field(
        description="The key that was used. Null for the administrator on the server's machine, and without a key."
    )
    address: str | None = strawberry.field(description="Where it came from; null for the console.")
    request_id: str | None = strawberry.field(description="The `X-Request-Id` of the answer, as it is in the logs.")
    prompt_id: strawberry.ID | None = strawberry.field(description="The prompt that was changed; it may be gone.")
    prompt_name: str | None = strawberry.field(description="Its name after the change, or before it was removed.")
    detail: JSONObject = strawberry.field(description="What changed, from what to what, in the words of the kind.")
    hash: str = strawberry.field(description="SHA-256 over this record and the hash of the one before it.")
    held: Private[domain.AuditEntry]

    @classmethod
    def of(cls, entry: domain.AuditEntry) -> Self:
        """Of the domain's entry."""
        signature, sight = entry.signature, entry.after or entry.before
        return cls(
            held=entry,
            sequence=entry.seq,
            kind=entry.kind,
            occurred_at=signature.at,
            api_key_id=encode_id("ApiKey", signature.key_id) if signature.key_id else None,
            address=signature.address,
            request_id=signature.request_id,
            prompt_id=prompt_id(entry.prompt_id) if entry.prompt_id else None,
            prompt_name=sight.name if sight else None,
            detail=JSONObject(entry.detail),
            hash=entry.hash,
        )

    @resolved
    def actor(self, info: Info) -> Eventually[Actor | None]:
        """Who did it. Null when nobody was known, and when the account is gone."""
        return load_actor(info, self.held.signature.actor_id)


@strawberry.type
class AuditEdge:
    """A line of the audit, and its place."""

    node: AuditEntry
    cursor: str = strawberry.field(description="For `after`, with the same filter.")


@strawberry.type
class AuditConnection:
    """A page of the audit."""

    edges: list[AuditEdge] = strawberry.field(description="The same lines, each with its cursor.")
    nodes: list[AuditEntry]
    page_info: PageInfo = strawberry.field(
        description="`endCursor` is where to go on, also on an empty page: much may have been passed over."
    )
    count: Private[Callable[[], Awaitable[int]]]

    @classmethod
    def of(cls, info: Info, page: AuditPage, count: Callable[[], Awaitable[int]]) -> Self:
        """Of what the operation found."""
        deps = info.context.deps
        nodes = [AuditEntry.of(entry) for entry in page.entries]
        edges = [AuditEdge(node=node, cursor=audit_cursor(deps, node.sequence)) for node in nodes]
        place = PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=audit_cursor(deps, page.end),
        )
        return cls(edges=edges, nodes=nodes, page_info=place, count=count)

    @resolved
    async def total_count(self) -> int:
        """How many there are for the caller, all pages together, among the newest 100,000 records."""
        return await self.count()


async def list_audit(info: Info, where: domain.AuditFilter, first: int | None, after: str | None) -> AuditConnection:
    """A page of the audit, with its actors where they are asked for."""
    context = info.context
    page = await read_audit(context.deps, context.access, where, first, after, context.budget.spend_nodes)
    if "actor" in selected_names(info):
        ids = {entry.signature.actor_id for entry in page.entries}
        await context.loaders.actor.load_many([one for one in ids if one])
    return AuditConnection.of(info, page, lambda: count_audit(context.deps, context.access, where))


def _read_all(
    ids: list[strawberry.ID] | None, field: str, read: Callable[[str, tuple[str, ...]], str]
) -> tuple[str, ...] | None:
    if ids is None:
        return None
    return tuple(read(value, ("filter", field, str(index))) for index, value in enumerate(ids))
