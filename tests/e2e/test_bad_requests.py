"""Requests that ask too much, sent to the real server: each is refused, and costs it less than 50 ms of CPU.

Where a whole body has to be read it may be 100 ms.

What each refusal says in detail is tested in `tests/http`; here it is the product's own schema, process and bounds.
"""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.clock import awake_seconds
from tests.e2e.server import Answer, Server, wait_until_gone

CPU_SECONDS = 0.05
BODY_CPU_SECONDS = 0.1  # a mebibyte of JSON has to be read before it can be refused
TRIES = 3  # the cheapest counts: what the machine does beside is no fault of the request
JSON = {"Content-Type": "application/json"}
CREATE = "mutation($input: PromptCreateInput!) { promptCreate(input: $input) { errors { __typename } } }"
MEGABYTE = "x" * 1_000_000


def nest(depth: int) -> str:
    return '{prompt(by:{name:"a"}){' + "latestVersion{prompt{" * (depth // 2) + "id" + "}}" * (depth // 2) + "}}"


def chain(count: int) -> str:
    links = [f"fragment F{n} on Prompt{{latestVersion{{prompt{{...F{n + 1}}}}}}}" for n in range(count - 1)]
    return '{prompt(by:{name:"a"}){...F0}}' + "".join(links) + f"fragment F{count - 1} on Prompt{{id}}"


def double(count: int) -> str:
    links = [f"fragment F{n} on Prompt{{...F{n + 1} ...F{n + 1}}}" for n in range(count - 1)]
    return '{prompt(by:{name:"a"}){...F0}}' + "".join(links) + f"fragment F{count - 1} on Prompt{{id}}"


def pairs(levels: int) -> str:
    inner = pairs(levels - 1) if levels else "id"
    return f"latestVersion{{prompt{{{inner}}}}} latestVersion{{prompt{{{inner}}}}}" if levels else inner


def pages(levels: int) -> str:
    return "prompts(first:100){nodes{versions(first:100){nodes{prompt{ratings(first:100){nodes{id}}}}}}}" * levels


QUERIES = {
    "fragments in a circle": (
        '{prompt(by:{name:"a"}){...A}} fragment A on Prompt{...B} fragment B on Prompt{...A}',
        "FRAGMENT_CYCLE",
    ),
    "fragments that double each other": (double(15), "TOO_MANY_SELECTIONS"),
    "pairs of pairs of overlapping fields": ('{prompt(by:{name:"a"}){' + pairs(6) + "}}", "TOO_MANY_OVERLAPS"),
    "fields that overlap and differ": (
        '{prompt(by:{name:"a"}){' + "".join(f"x:version(by:{{number:{n}}}){{number}}" for n in range(200)) + "}}",
        "TOO_MANY_ALIASES",
    ),
    "1,000 selections side by side": ('{prompt(by:{name:"a"}){' + "id name title " * 400 + "}}", "TOO_MANY_SELECTIONS"),
    "the same root field 400 times": ("{" + "viewer{scopes}" * 400 + "}", "TOO_MANY_ROOT_FIELDS"),
    "400 directives": ('{prompt(by:{name:"a"}){id ' + "@include(if:true)" * 400 + "}}", "TOO_MANY_DIRECTIVES"),
    "one directive twice": ('{prompt(by:{name:"a"}){id @skip(if:false) @skip(if:false)}}', None),
    "a million objects": ("{" + pages(1) + "}", "QUERY_TOO_COSTLY"),
    "lists nested in an argument": ("{nodes(ids:" + "[" * 60_000 + "){id}}", "QUERY_TOO_DEEP"),
    "introspection within introspection": (
        "{__schema{types{" + "fields{type{" * 40 + "name" + "}}" * 40 + "}}}",
        "QUERY_TOO_DEEP",
    ),
    "nested 100 deep": (nest(100), "QUERY_TOO_DEEP"),
    "nested 30 deep": (nest(30), "QUERY_TOO_DEEP"),
    "1,000 aliases": (
        '{prompt(by:{name:"a"}){' + " ".join(f"a{n}:id" for n in range(1_000)) + "}}",
        "TOO_MANY_ALIASES",
    ),
    "480 overlapping selections": (
        '{prompt(by:{name:"a"}){' + "latestVersion{number}" * 480 + "}}",
        "TOO_MANY_OVERLAPS",
    ),
    "140 chained fragments": (chain(140), "TOO_MANY_FRAGMENTS"),
    "a string of 1 MB": ('{prompt(by:{name:"' + MEGABYTE + '"}){id}}', "QUERY_TOO_LARGE"),
    "64 kB of unknown fields": ("{" + "abcdefgh " * 7_000 + "}", "QUERY_TOO_COMPLEX"),
    "100 unknown fields": ('{prompt(by:{name:"a"}){' + " ".join(f"f{n}" for n in range(100)) + "}}", None),
}

BODIES = {
    "a batch": (b"[" + b",".join([b'{"query":"{viewer{scopes}}"}'] * 10_000) + b"]", JSON, 400, "BATCH_REFUSED"),
    "numbers without end": (
        b'{"query":"{viewer{scopes}}","variables":{"a":' + b"9" * 900_000 + b"}}",
        JSON,
        400,
        "BAD_REQUEST",
    ),
    "200,000 numbers to look at": (
        b'{"query":"{viewer{scopes}}","variables":{"a":[' + b",".join([b"1e9"] * 200_000) + b"]}}",
        {**JSON, "Accept": "application/graphql-response+json"},
        400,
        "TOO_MANY_VALUES",
    ),
    "200,000 ids": (
        b'{"query":"query($i:[ID!]!){nodes(ids:$i){id}}","variables":{"i":[' + b",".join([b'"a"'] * 200_000) + b"]}}",
        {**JSON, "Accept": "application/graphql-response+json"},
        400,
        "TOO_MANY_VALUES",
    ),
    "100,000 names": (
        b'{"query":"{viewer{scopes}}","variables":{' + b",".join(b'"v%d":1' % n for n in range(90_000)) + b"}}",
        {**JSON, "Accept": "application/graphql-response+json"},
        400,
        "TOO_MANY_VALUES",
    ),
    "nothing": (b"", JSON, 400, "BAD_REQUEST"),
    "not JSON": (b"{prompts}", JSON, 400, "BAD_REQUEST"),
    "nested JSON": (b'{"variables":' + b"[" * 500_000, JSON, 400, "BAD_REQUEST"),
    "over 1 MiB": (b" " * 1_048_577, JSON, 413, "BODY_TOO_LARGE"),
    "20 MB": (b" " * 20_000_000, JSON, 413, "BODY_TOO_LARGE"),
    "a gzip bomb of 200 MB": (
        gzip.compress(b" " * 200_000_000, compresslevel=1),
        {**JSON, "Content-Encoding": "gzip"},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "a form": (b"query={prompts{totalCount}}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, None),
    "a foreign Host": (b'{"query":"{__typename}"}', {**JSON, "Host": "evil.example"}, 421, "FOREIGN_HOST"),
    "a foreign Origin": (
        b'{"query":"{__typename}"}',
        {**JSON, "Origin": "https://evil.example"},
        403,
        "FOREIGN_ORIGIN",
    ),
}


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """One for all: a request that it does not outlive shows in the next."""
    place: Path = tmp_path_factory.mktemp("bad-requests") / "data"
    async with aiohttp.ClientSession() as session:
        server = Server(place, session, {})
        await server.start()
        assert (await server.graphql("{ prompts { totalCount } }")).data == {"prompts": {"totalCount": 0}}
        yield server
        assert (await server.graphql("{ prompts { totalCount } }")).data == {"prompts": {"totalCount": 0}}
        assert await server.stop() == 0
    await wait_until_gone(place)


async def measure(server: Server, body: bytes, headers: dict[str, str]) -> tuple[Answer, float]:
    """The answer, and the least CPU of the server's that it took, with what is still read after an early answer."""
    least = float("inf")
    for _ in range(TRIES):
        before = server.cpu_seconds()
        answer = await server.post(body, headers)
        await server.get("/livez")
        least = min(least, server.cpu_seconds() - before)
    return answer, least


@pytest.mark.parametrize(("query", "code"), QUERIES.values(), ids=QUERIES)
async def test_a_query_that_asks_too_much_is_refused_in_50_ms_of_cpu(
    server: Server, query: str, code: str | None
) -> None:
    answer, seconds = await measure(server, json.dumps({"query": query}).encode(), JSON)
    assert "data" not in answer.body
    assert answer.codes[0] == (code or "GRAPHQL_VALIDATION_FAILED")
    assert seconds < CPU_SECONDS


@pytest.mark.parametrize(("body", "headers", "status", "code"), BODIES.values(), ids=BODIES)
async def test_a_request_that_is_none_is_refused_in_100_ms_of_cpu(
    server: Server, body: bytes, headers: dict[str, str], status: int, code: str | None
) -> None:
    answer, seconds = await measure(server, body, headers)
    assert (answer.status, answer.codes) == (status, [code or "UNSUPPORTED_MEDIA_TYPE"])
    assert seconds < BODY_CPU_SECONDS


@pytest.mark.parametrize(
    "input",
    [
        {"name": MEGABYTE, "template": {"text": "x"}},
        {"name": "a", "template": {"text": MEGABYTE}},
        {"name": "a", "template": {"text": "x"}, "description": MEGABYTE},
        {"name": "a", "template": {"text": "x"}, "tags": [MEGABYTE]},
        {"name": "a", "template": {"text": "x"}, "metadata": {"a": MEGABYTE}},
        {"name": "a", "template": {"text": "{{a}}" * 200_000}},
        {"name": "a", "template": {"text": "".join(f"{{{{v{n}}}}}" for n in range(300))}},
    ],
    ids=["name", "template", "description", "tag", "metadata", "200,000 placeholders", "300 variables"],
)
async def test_a_string_of_a_megabyte_among_the_variables_is_refused_in_50_ms_of_cpu(
    server: Server, input: dict[str, object]
) -> None:
    body = json.dumps({"query": CREATE, "variables": {"input": input}}).encode()
    answer, seconds = await measure(server, body, JSON)
    assert answer.data["promptCreate"]["errors"] == [{"__typename": "InvalidInputError"}]
    assert seconds < CPU_SECONDS


async def test_a_caller_that_never_finishes_its_body_holds_up_nobody(server: Server) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"query":'
        assert (await server.get("/livez")).status == 200
        started = awake_seconds()
        assert (await server.graphql("{ __typename }")).data == {"__typename": "Query"}
        assert awake_seconds() - started < 1
        yield b'"{__typename}"}'

    async with (
        aiohttp.ClientSession() as session,
        session.post(server.url + "/graphql", data=slowly(), headers=JSON) as response,
    ):
        assert (await response.json())["data"] == {"__typename": "Query"}
