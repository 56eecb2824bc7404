"""Sends requests that are made from the schema: `fuzz.py URL CASES SEED`. Prints a count of what came back, and faults.

Faults are answers of 5xx and errors that were masked: what a client has sent must be no reason for either.
"""

import json
import sys
from collections import Counter
from typing import Any

import schemathesis
from graphql import NameNode, ObjectFieldNode
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

TOLERANT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
MOST_FAULTS = 10


def quote(text: str) -> Any:
    """A text as a GraphQL literal."""
    return nodes.String(text)


def write_object(fields: dict[str, Any]) -> Any:
    """A map as a GraphQL literal."""
    return nodes.Object([ObjectFieldNode(name=NameNode(value=name), value=value) for name, value in fields.items()])


def teach_scalars() -> None:
    """What the schema's own scalars look like, and what looks nearly so."""
    instants = st.datetimes().map(lambda at: at.isoformat() + "Z")
    texts = st.text(max_size=40)
    names = st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,8}", fullmatch=True)
    leaves = texts.map(quote) | st.integers().map(nodes.Int) | st.booleans().map(nodes.Boolean)
    objects = st.dictionaries(names, leaves | st.lists(leaves, max_size=3).map(nodes.List), max_size=4)
    schemathesis.graphql.scalar("DateTime", (instants | texts).map(quote))
    for name in ("JSONObject", "VariableValues"):
        schemathesis.graphql.scalar(name, objects.map(write_object) | leaves)


def main(url: str, cases: int, number: int) -> None:
    teach_scalars()
    schema = schemathesis.graphql.from_url(url)
    operations = [found.ok() for found in schema.get_all_operations()]
    told: Counter[str] = Counter()
    faults: list[dict[str, Any]] = []

    def ask(case: Any) -> None:
        response = case.call()
        body = response.json()
        codes = [error.get("extensions", {}).get("code", "none") for error in body.get("errors", [])]
        told.update(set(codes) or {"no error"})
        told["cases"] += 1
        if (response.status_code >= 500 or {"INTERNAL", "none"} & set(codes)) and len(faults) < MOST_FAULTS:
            faults.append({"status": response.status_code, "query": case.body, "errors": body.get("errors")})

    while (left := cases - told["cases"]) > 0:
        # Small operations have few different requests, so what they leave goes around again.
        share = -(-left // len(operations))
        limited = settings(
            max_examples=share, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=TOLERANT
        )
        for operation in operations:
            if told["cases"] < cases:
                made: Any = given(operation.as_strategy())
                seed(number)(limited(made(ask)))()
        number += 1
    print(json.dumps({"operations": len(operations), "told": told, "faults": faults}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
