"""Who was refused what: noted for the audit, wherever it is answered.

A field of GraphQL is refused in an answer of status 200, so the engine tells of those; every other refusal has the
status 401 or 403.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from aiohttp import web
from graphql import FieldNode, GraphQLError

from graph.domain.actors import Access, Origin
from graph.domain.denials import AccessError, ForbiddenError, UnauthenticatedError
from graph.http.addresses import caller_of
from graph.http.errors import cause_of
from graph.operations.audit import note_refusal
from graph.operations.deps import Deps
from graph.schema.context import Context

ACCESS = web.RequestKey("access", Access)
CODES = {401: UnauthenticatedError.code, 403: ForbiddenError.code}


def note_errors(context: object, errors: Iterable[GraphQLError]) -> None:
    """Notes each field that was refused, by its name in the schema: aliases are the caller's own words."""
    if isinstance(context, Context):
        for error in errors:
            cause = cause_of(error)
            if isinstance(cause, AccessError):
                note_refusal(context.deps, _grouped(context.access), _field_of(error), cause.code)


def note_answer(deps: Deps, request: web.Request, status: int, origin: Origin) -> None:
    """Notes a request that was refused as a whole."""
    if (code := CODES.get(status)) is not None:
        access = request.get(ACCESS) or Access(actor=None, origin=origin)
        resource = request.match_info.route.resource
        path = resource.canonical if resource else "other"
        note_refusal(deps, _grouped(access), f"{request.method} {path}", code)


@contextmanager
def noting(deps: Deps, operation: str, origin: Origin) -> Iterator[None]:
    """Notes what is refused inside before anybody is known: on a socket, where no status tells of it."""
    try:
        yield
    except AccessError as error:
        note_refusal(deps, _grouped(knocker(error, origin)), operation, error.code)
        raise


def knocker(error: AccessError, origin: Origin) -> Access:
    """Who was not let in: a key that has ended, or that may not act for others, is a known one."""
    return replace(error.by or Access(actor=None), origin=origin)


def _grouped(access: Access) -> Access:
    """Who has one address of IPv6 has many: they count as one."""
    address = access.origin.address
    return replace(access, origin=Origin(caller_of(address) if address else None))


def _field_of(error: GraphQLError) -> str:
    node = error.nodes[0] if error.nodes else None
    return node.name.value if isinstance(node, FieldNode) else "request"
