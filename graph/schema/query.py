"""The query root."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import strawberry

from graph.discovery.search import Question
from graph.domain import audit as domain_audit
from graph.domain import prompts as domain
from graph.domain import queries
from graph.domain.actors import Scope
from graph.domain.errors import InvalidInputError
from graph.domain.feed import EventFilter
from graph.domain.paging import Position
from graph.domain.queries import PromptOrderField
from graph.operations.prompts import count_prompts, get_prompt, list_prompts
from graph.operations.protection import list_protected_labels
from graph.schema.connections import Connection, Listing, Window, Windowed, milliseconds
from graph.schema.context import Info
from graph.schema.lookahead import preload
from graph.schema.node import PARTS, Node, decode_id, read_id
from graph.schema.permissions import Rule, query
from graph.schema.refetch import refetch
from graph.schema.search import search
from graph.schema.types.actor import Viewer
from graph.schema.types.api_key import ApiKey, list_api_keys
from graph.schema.types.audit import AuditConnection, AuditFilter, list_audit
from graph.schema.types.enums import OrderDirection
from graph.schema.types.event import PromptEventFilter
from graph.schema.types.event_log import PromptEventConnection, list_events
from graph.schema.types.prompt import Prompt
from graph.schema.types.search import PromptSearchConnection
from graph.schema.types.search_inputs import PromptSearchFilter, PromptSearchOrder
from graph.schema.types.selectors import PromptBy, PromptFilter, PromptOrder
from graph.schema.types.webhook import Webhook, list_webhooks
from search_sync.index.protocol import SearchFilter

MOST_NODES = 100
SearchToken = Annotated[
    str | None,
    strawberry.argument(
        description="A `searchToken` from a mutation's payload: wait, at most two seconds, until the index holds "
        "that change."
    ),
]
SearchSize = Annotated[int, strawberry.argument(description="1 to 100.")]
NEWEST_FIRST = PromptOrder(field=PromptOrderField.UPDATED_AT, direction=OrderDirection.DESC)


@strawberry.type
class Query:
    """Everything that can be read."""

    @query(Rule.SIGHT)
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Any object by ID. Null when it does not exist or the caller may not see it."""
        return await refetch(info, read_id(tuple(PARTS), id, ("id",)))

    @query(Rule.SIGHT)
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")]
    ) -> list[Node | None]:
        """Same order and length as `ids`; null stands where nothing was found."""
        if len(ids) > MOST_NODES:
            raise InvalidInputError(f"Ask for at most {MOST_NODES} objects at once; these are {len(ids)}.", ("ids",))
        return await asyncio.gather(*(refetch(info, decode_id(value)) for value in ids))

    @query(Rule.EVERYONE)
    def viewer(self, info: Info) -> Viewer | None:
        """Who is asking. Null for an anonymous caller."""
        charge = info.context.charge
        return Viewer.of(info.context.access, charge.standing() if charge else None)

    @query(Rule.SIGHT)
    async def prompt(self, info: Info, by: PromptBy) -> Prompt | None:
        """One prompt. Null when it does not exist or the caller may not see it."""
        found = await get_prompt(info.context.deps, info.context.access, by.selector())
        if found is None:
            return None
        await preload(info, (found,))
        return Prompt.of(found)

    @query(Rule.SIGHT, Windowed())
    async def prompts(
        self,
        info: Info,
        window: Window,
        filter: PromptFilter | None = None,
        order_by: PromptOrder | None = NEWEST_FIRST,
    ) -> Connection[Prompt] | None:
        """Prompts as the store holds them: complete and current. For ranked text search use `promptSearch`."""
        deps, access = info.context.deps, info.context.access
        where = filter.to_domain() if filter else queries.PromptFilter()
        order = (order_by or NEWEST_FIRST).to_domain()
        listing = Listing(info.context, ("prompts", asdict(where), asdict(order)))
        page = await list_prompts(deps, access, where, order, listing.request(window))
        await preload(info, page.items)
        return Connection.of(
            listing,
            page,
            lambda prompt: _position(prompt, order),
            [Prompt.of(prompt) for prompt in page.items],
            lambda: count_prompts(deps, access, where),
        )

    @query(Rule.SIGHT)
    async def prompt_search(
        self,
        info: Info,
        query: str = "",
        consistent_with: SearchToken = None,
        filter: PromptSearchFilter | None = None,
        order_by: PromptSearchOrder = PromptSearchOrder.RELEVANCE,
        first: SearchSize = 20,
        after: str | None = None,
    ) -> PromptSearchConnection | None:
        """Ranked, faceted discovery. Order and counts come from the search index and may
        trail the store (see `indexedAt`); every `Prompt` returned is read from the store.
        Null, with an error coded INDEX_UNAVAILABLE, when the index cannot answer.
        """
        where = filter.to_domain() if filter else SearchFilter()
        return await search(info, Question(query, where, order_by.to_domain(), first, after), consistent_with)

    @query(Scope.PROMPTS_READ)
    async def protected_labels(self, info: Info) -> list[str] | None:
        """The names of the labels that only holders of `labels:protected` may move, on every prompt; sorted."""
        return await list_protected_labels(info.context.deps, info.context.access)

    @query(Scope.EVENTS_READ)
    async def prompt_event_log(
        self, info: Info, filter: PromptEventFilter | None = None, first: int | None = None, after: str | None = None
    ) -> PromptEventConnection | None:
        """The same events as the subscription, oldest first, with the same cursors."""
        return await list_events(info, filter.to_domain() if filter else EventFilter(), first, after)

    @query(Scope.AUDIT_READ)
    async def audit_log(
        self, info: Info, filter: AuditFilter | None = None, first: int | None = None, after: str | None = None
    ) -> AuditConnection | None:
        """Who did what, when, from where and with which key, newest first. Who reaches every folder is told all, others
        what happened to the prompts in theirs.
        """
        return await list_audit(info, filter.to_domain() if filter else domain_audit.AuditFilter(), first, after)

    @query(Scope.KEYS_MANAGE, Windowed())
    async def api_keys(self, info: Info, window: Window) -> Connection[ApiKey] | None:
        """The API keys that the caller's own could have made, newest first; of others nothing is told."""
        return await list_api_keys(info, window)

    @query(Scope.WEBHOOKS_MANAGE, Windowed())
    async def webhooks(self, info: Info, window: Window) -> Connection[Webhook] | None:
        """The caller's webhooks, newest first; everybody's for who manages all keys and reads everything."""
        return await list_webhooks(info, window)


def _position(prompt: domain.Prompt, order: queries.PromptOrder) -> Position:
    if order.field is PromptOrderField.NAME:
        return prompt.name, prompt.id
    instant = prompt.created_at if order.field is PromptOrderField.CREATED_AT else prompt.updated_at
    return milliseconds(instant), prompt.id
