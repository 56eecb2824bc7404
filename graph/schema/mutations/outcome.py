"""How a mutation tells what went wrong: the domain's error becomes the member of the payload's union that fits it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, get_args, get_type_hints

from graph.domain import errors as domain
from graph.schema.context import Info
from graph.schema.errors import UserError

I = TypeVar("I")  # noqa: E741  # an input
P = TypeVar("P")  # a payload

Resolver = Callable[[Info, I], Awaitable[P | None]]


def catch(payload: Callable[..., P]) -> Callable[[Resolver[I, P]], Resolver[I, P]]:
    """Answers with `payload(errors=[…])` when the resolver raises an error that the payload's union has a member for.

    Every other exception is raised on. What the request's loaders remember is forgotten: the world has moved.
    """
    members = error_members(payload)

    def decorate(resolve: Resolver[I, P]) -> Resolver[I, P]:
        @wraps(resolve)
        async def answer(info: Info, input: I) -> P | None:
            try:
                return await resolve(info, input)
            except domain.UserError as error:
                member = fitting_member(members, error)
                if member is None:
                    raise
                return payload(errors=[member.of(error)])
            finally:
                info.context.loaders.clear()

        return answer

    return decorate


def error_members(payload: Any) -> Mapping[str, Any]:
    """The types in the union of the payload's `errors`, by name: the union is written once, in the schema."""
    (union,) = get_args(get_type_hints(payload)["errors"])
    members: tuple[type[UserError], ...] = get_args(union) or (union,)
    return {member.__name__: member for member in members}


def fitting_member(members: Mapping[str, Any], error: domain.UserError) -> Any | None:
    """The nearest of the error's own kinds that the union has: an InvalidVariableError is an InvalidInputError too.

    Where the union knows no invalid input, all that can be invalid is an ID, and nothing has an ID that is none.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, domain.InvalidInputError):
        kinds.append(domain.NotFoundError.__name__)
    return next((members[kind] for kind in kinds if kind in members), None)
