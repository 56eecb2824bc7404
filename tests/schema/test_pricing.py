from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_introspection_query, parse

from graph.domain.limits import Limits
from graph.schema.build import build_schema
from graph.schema.costs import COUNTED, SIZES, WEIGHTS
from graph.schema.pricing import Pricing, price_of

SCHEMA = build_schema()._schema
PRICING = Pricing(SCHEMA, Limits())


def points(query: str, variables: Mapping[str, Any] | None = None) -> int:
    [price] = PRICING.of(parse(query)).values()
    return price_of(price, variables)


KNOWN = {
    "a leaf is free": ("{ __typename }", 0),
    "an object is one": ('{ prompt(by: {name: "a"}) { name } }', 1),
    "and one within it another": ('{ prompt(by: {name: "a"}) { latestVersion { number } } }', 2),
    "a list without a page is taken to be small": ('{ prompt(by: {name: "a"}) { labels { name } } }', 1 + 5),
    "a page has its default size": ("{ prompts { nodes { name } } }", 1 + 20),
    "or that of `first`": ("{ prompts(first: 7) { nodes { name } } }", 1 + 7),
    "or of `last`": ("{ prompts(last: 7) { nodes { name } } }", 1 + 7),
    "edges hold nodes": ("{ prompts(first: 7) { edges { cursor node { name } } } }", 1 + 14),
    "what is no item counts once": ("{ prompts(first: 7) { totalCount pageInfo { hasNextPage } } }", 1 + 5 + 1),
    "pages within pages multiply": (
        "{ prompts(first: 10) { nodes { versions(first: 10) { nodes { number } } } } }",
        1 + 10 * (1 + 2 + 10),
    ),
    "fragments count where they are spread": (
        "{ a: prompts(first: 2) { ...F } b: prompts(first: 3) { ...F } }"
        "fragment F on PromptConnection { nodes { id } }",
        3 + 4,
    ),
    "items that are named are counted": (
        '{ nodes(ids: ["a", "b", "c"]) { id ... on Prompt { labels { name } } } }',
        3 * (1 + 5),
    ),
    "a search costs more than a list": ("{ promptSearch(first: 5) { nodes { name } } }", 20 + 5),
    "near ones cost more than a list": ('{ prompt(by: {name: "a"}) { similar { name } } }', 1 + 20 + 5),
    "introspection has one price": (get_introspection_query(), 100),
    "no page is larger than a page may be": ("{ prompts(first: 1000000) { nodes { name } } }", 1 + 100),
    "or smaller than none": ("{ prompts(first: -5) { nodes { name } } }", 1),
    "a mutation costs more than a read": (
        'mutation { promptUnrate(input: {promptId: "a"}) { errors { __typename } } }',
        10 + 2,
    ),
}


@pytest.mark.parametrize(("query", "cost"), KNOWN.values(), ids=KNOWN)
def test_what_a_query_costs(query: str, cost: int) -> None:
    assert points(query) == cost


@pytest.mark.parametrize(
    ("variables", "cost"),
    [({"n": 5}, 6), ({}, 1 + 9), (None, 1 + 9), ({"n": None}, 1 + 20), ({"n": "x"}, 1 + 100), ({"n": 10**30}, 1 + 100)],
)
def test_the_size_of_a_page_may_be_a_variable(variables: dict[str, Any] | None, cost: int) -> None:
    assert points("query($n: Int = 9) { prompts(first: $n) { nodes { name } } }", variables) == cost


def test_the_number_of_ids_may_be_a_variable() -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert points(query, {"ids": ["a"] * 40}) == 40
    assert points(query, {"ids": "a"}) == 1


def test_each_operation_has_its_own_price() -> None:
    prices = PRICING.of(parse("query A { prompts(first: 1) { nodes { id } } } query B { __typename }"))
    assert prices == {"A": 2, "B": 0}


@pytest.mark.parametrize("place", [*WEIGHTS, *SIZES, *COUNTED])
def test_the_cost_map_names_fields_that_exist(place: str) -> None:
    parent, _, name = place.partition(".")
    named = SCHEMA.type_map[parent]
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    assert name in named.fields
    assert COUNTED.get(place, None) in (None, *named.fields[name].args)
