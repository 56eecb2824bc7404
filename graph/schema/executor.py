"""graphql-core's executor, with a direct way for plain values."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_leaf_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

from graph.schema.permissions import DEFINITION
from graph.schema.shortcuts import plain_attribute

LEAF = "promptgraph-leaf"
TYPENAME = "__typename"

Reader = Callable[[Any], Any]


class LeafExecutor(Executor[Any]):
    """Reads a field that is a plain attribute and a leaf without building what only resolvers need.

    Whatever is unusual about a value (null where none may be, of the wrong type) goes graphql-core's own way, which
    tells of it. This executor knows no `@defer` and no `@stream`, as the schema offers none, and it leaves the
    operation's extensions, which Strawberry hands to it, to the wire.
    """

    def __init__(self, *args: Any, operation_extensions: object = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """The value of one field, or an awaitable of it."""
        name = field_details_list[0].node.name.value
        if name == TYPENAME:
            return parent_type.name
        field = parent_type.fields.get(name)
        if field is not None and (read := field.extensions.get(LEAF)) is not None:
            with suppress(Exception):  # the long way raises it again, and tells of it
                return read(source)
        return super().execute_field(parent_type, source, field_details_list, path, position_context)


def mark_leaves(schema: GraphQLSchema) -> None:
    """Notes on each field that is a plain attribute and a leaf how it is read, for `LeafExecutor`."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and DEFINITION in named.extensions:
            for field in named.fields.values():
                if read := _reader(field):
                    field.extensions[LEAF] = read


def _reader(field: GraphQLField) -> Reader | None:
    attribute = plain_attribute(field)
    is_required = isinstance(field.type, GraphQLNonNull)
    leaf = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    if attribute is None or not is_leaf_type(leaf):
        return None
    write = leaf.coerce_output_value

    def read(source: Any) -> Any:
        value = getattr(source, attribute)
        if value is None and not is_required:
            return None
        written = write(value)
        if written is None:
            raise ValueError
        return written

    return read
