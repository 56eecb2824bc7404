"""How fields are declared here: a resolver's docstring is the field's description."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import strawberry

T = TypeVar("T")

if TYPE_CHECKING:
    Eventually: TypeAlias = T | Awaitable[T]
else:

    class Eventually:
        """A value, or what it is awaited from. For the schema it is the value: Strawberry reads this at run time."""

        def __class_getitem__(cls, value: Any) -> Any:
            return value


def resolved(resolver: Callable[..., Any]) -> Any:
    """Makes a field of a resolver, described by the resolver's docstring."""
    return strawberry.field(resolver, description=described(resolver))


def described(thing: object) -> str:
    """The docstring as a description; the text is the same for those who read the code and the schema."""
    return inspect.getdoc(thing) or ""
