"""The schema, built once at start."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph.schema.query import Query
from graph.schema.scalars import SCALARS
from graph.schema.types.actor import ServiceAccount, User


def build_schema() -> strawberry.Schema:
    """The schema, ready to be executed."""
    return strawberry.Schema(query=Query, types=[User, ServiceAccount], config=StrawberryConfig(scalar_map=SCALARS))
