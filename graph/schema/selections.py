"""What is selected right below a field, with its arguments, before it is resolved."""

from collections.abc import Iterator
from typing import Any, cast

from graphql import GraphQLObjectType, get_argument_values, get_named_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields

from graph.schema.context import Info


def selected_arguments(info: Info, name: str) -> Iterator[dict[str, Any]]:
    """The arguments of each selection of the object's field `name`: one for each alias that is not skipped."""
    raw = info._raw_info
    returned = cast(GraphQLObjectType, get_named_type(raw.return_type))
    collected = collect_subfields(
        raw.schema,
        {key: FragmentDetails(fragment) for key, fragment in raw.fragments.items()},
        raw.variable_values,
        raw.operation,
        returned,
        [FieldDetails(node, None) for node in raw.field_nodes],
    )
    for details, *_ in collected.grouped_field_set.values():
        if details.node.name.value == name:
            yield get_argument_values(returned.fields[name], details.node, raw.variable_values)
