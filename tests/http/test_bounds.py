from collections.abc import Callable
from dataclasses import replace

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from graph.domain.limits import RequestLimits
from graph.http.bounds import check_document, check_text
from graph.http.documents import DocumentRefusedError, Documents
from tests.cpu import least_cpu_seconds
from tests.http.toy import build_toy

LIMITS = RequestLimits()


def nest(depth: int) -> str:
    return "{" + "leaf{" * (depth - 1) + "name" + "}" * depth


def chain(fragments: int) -> str:
    links = "".join(f"fragment F{n} on Leaf{{leaf{{...F{n + 1}}}}}" for n in range(fragments - 1))
    return f"{{leaf{{...F0}}}}{links}fragment F{fragments - 1} on Leaf{{name}}"


def double(fragments: int) -> str:
    links = "".join(f"fragment F{n} on Leaf{{name ...F{n + 1} ...F{n + 1}}}" for n in range(fragments - 1))
    return f"{{leaf{{...F0}}}}{links}fragment F{fragments - 1} on Leaf{{name}}"


def pairs(levels: int) -> str:
    return f"leaf{{{pairs(levels - 1)}}} leaf{{{pairs(levels - 1)}}}" if levels else "name"


def code_of(query: str, limits: RequestLimits = LIMITS) -> str | None:
    try:
        check_text(query, limits)
        check_document(parse(query), limits)
    except GraphQLError as error:
        return str((error.extensions or {})["code"])
    return None


ATTACKS = {
    "nested 100 deep": (nest(100), "QUERY_TOO_DEEP"),
    "nested 30 deep": (nest(30), "QUERY_TOO_DEEP"),
    "nested 20,000 deep and never closed": ("{" + "a{" * 20_000, "QUERY_TOO_DEEP"),
    "a list nested 60,000 deep": ("{a(b:" + "[" * 60_000, "QUERY_TOO_DEEP"),
    "1,000 aliases": ("{" + " ".join(f"a{n}:hello" for n in range(1_000)) + "}", "TOO_MANY_ALIASES"),
    "480 overlapping selections": ("{leaf{" + "leaf{name}" * 480 + "}}", "TOO_MANY_OVERLAPS"),
    "480 overlapping selections at the root": ("{" + "leaf{name}" * 480 + "}", "TOO_MANY_ROOT_FIELDS"),
    "pairs of pairs of pairs": ("{" + pairs(7) + "}", "TOO_MANY_OVERLAPS"),
    "140 chained fragments": (chain(140), "TOO_MANY_FRAGMENTS"),
    "30 chained fragments": (chain(30), "QUERY_TOO_DEEP"),
    "49 fragments, each twice the next": (double(49), "FRAGMENTS_TOO_DEEP"),
    "15 fragments, each twice the next": (double(15), "TOO_MANY_SELECTIONS"),
    "fragments in a circle": (
        "{leaf{...A}} fragment A on Leaf{leaf{...B}} fragment B on Leaf{leaf{...A}}",
        "FRAGMENT_CYCLE",
    ),
    "a fragment in itself": ("{leaf{...A}} fragment A on Leaf{...A}", "FRAGMENT_CYCLE"),
    "200 directives": ("{hello " + "@skip(if:false)" * 200 + "}", "TOO_MANY_DIRECTIVES"),
    "a string of 1 MB": ('{hello(name:"' + "x" * 1_000_000 + '")}', "QUERY_TOO_LARGE"),
    "64 kB of quotes": ("{hello(name:" + '"' * 65_000, "QUERY_TOO_COMPLEX"),
    "20,000 numbers": ("{hello(name:[" + "1 " * 20_000 + "])}", "QUERY_TOO_COMPLEX"),
}


@pytest.mark.parametrize(("query", "code"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_by_its_code_in_under_50_ms_of_cpu(query: str, code: str) -> None:
    documents = Documents(build_toy()._schema, LIMITS)

    def prepare() -> None:
        with pytest.raises(DocumentRefusedError) as refused:
            documents.prepare(query)
        assert (refused.value.errors[0].extensions or {})["code"] == code

    assert least_cpu_seconds(prepare) < 0.05


def test_the_introspection_queries_of_explorers_pass() -> None:
    assert code_of(get_introspection_query()) is None
    full = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
    assert code_of(full) is None


EDGES: dict[str, tuple[Callable[[int], str], int, str]] = {
    "depth": (nest, LIMITS.depth, "QUERY_TOO_DEEP"),
    "aliases": (
        lambda n: "{" + "".join(f"...on Query{{a{i}:hello}}" for i in range(n)) + "}",
        LIMITS.aliases,
        "TOO_MANY_ALIASES",
    ),
    "fragments": (
        lambda n: "{hello}" + "".join(f"fragment F{i} on Query{{hello}}" for i in range(n)),
        LIMITS.fragments,
        "TOO_MANY_FRAGMENTS",
    ),
    "directives": (lambda n: "{hello" + "@a" * n + "}", LIMITS.directives, "TOO_MANY_DIRECTIVES"),
    "root_fields": (lambda n: "{" + "hello " * n + "}", LIMITS.root_fields, "TOO_MANY_ROOT_FIELDS"),
    "tokens": (lambda n: "{a(b:[" + "1 " * (n - 9) + "])}", LIMITS.tokens, "QUERY_TOO_COMPLEX"),
    "query_bytes": (lambda n: "{a}#" + "é" * ((n - 4) // 2), LIMITS.query_bytes, "QUERY_TOO_LARGE"),
    "nesting": (lambda n: "{a(b:" + "[" * (n - 2) + "]" * (n - 2) + ")}", LIMITS.nesting, "QUERY_TOO_DEEP"),
}


@pytest.mark.parametrize(("make", "limit", "code"), EDGES.values(), ids=EDGES)
def test_what_is_at_the_bound_passes_and_what_is_past_it_does_not(
    make: Callable[[int], str], limit: int, code: str
) -> None:
    unbounded = replace(LIMITS, root_fields=10_000) if code == "TOO_MANY_ALIASES" else LIMITS
    assert code_of(make(limit), unbounded) is None
    assert code_of(make(limit + 2), unbounded) == code


def test_fragments_count_as_often_as_they_are_spread() -> None:
    query = "{leaf{...F ...F}} fragment F on Leaf{name}"
    assert code_of(query, replace(LIMITS, selections=5)) is None
    assert code_of(query, replace(LIMITS, selections=4)) == "TOO_MANY_SELECTIONS"


def test_depth_runs_through_fragments() -> None:
    query = "{leaf{...F}} fragment F on Leaf{leaf{name}}"
    assert code_of(query, replace(LIMITS, depth=3)) is None
    assert code_of(query, replace(LIMITS, depth=2)) == "QUERY_TOO_DEEP"


def test_a_fragment_that_nothing_spreads_is_bounded_too() -> None:
    assert code_of("{hello} fragment F on Leaf{" + "name " * 100 + "}") == "TOO_MANY_OVERLAPS"


def test_brackets_in_strings_and_comments_do_not_nest() -> None:
    brackets = "{[(" * 100
    assert code_of(f'{{hello(name:"{brackets}")}}') is None
    assert code_of(f'{{hello(name:"""{brackets}""")}}') is None
    assert code_of(f'{{hello(name:"""\\"""{brackets} " "" """)}}') is None
    assert code_of("{hello}#" + brackets) is None


def test_an_unclosed_block_string_is_read_in_one_go() -> None:
    text = '{hello(name:"""' + '\\"""' * 16_000
    assert least_cpu_seconds(lambda: check_text(text, LIMITS)) < 0.05
