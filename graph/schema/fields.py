"""How fields are declared here: a resolver's docstring is the field's description."""

import inspect
from collections.abc import Callable
from typing import Any

import strawberry


def resolved(resolver: Callable[..., Any]) -> Any:
    """Makes a field of a resolver, described by the resolver's docstring."""
    return strawberry.field(resolver, description=described(resolver))


def described(thing: object) -> str:
    """The docstring as a description; the text is the same for those who read the code and the schema."""
    return inspect.getdoc(thing) or ""
