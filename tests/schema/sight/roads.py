"""Every road by which a prompt can be told of, and what the model says must be told there.

A road is one line of `ROADS`: what it is called, how it is asked, and what the answer must be.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graph.domain.actors import Scope
from graph.domain.denials import AccessError
from graph.domain.errors import NotFoundError
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter, Told
from graph.domain.prompts import VersionRef
from graph.operations.feed import cursor_of
from graph.operations.selectors import resolve
from graph.operations.streams import Reset, follow
from graph.schema.node import prompt_id, version_id
from tests.schema.sight.model import expand, sees
from tests.schema.sight.worlds import FOLDERS, World

BY = "query($by: PromptBy!) { prompt(by: $by) { name } }"
NODES = """query($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Prompt { name } ... on PromptVersion { prompt { name } } } }"""
LIST = """query($filter: PromptFilter, $first: Int, $after: String) {
  prompts(filter: $filter, first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
    totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""
LINKS = """{ prompts(filter: { includeArchived: true }) { nodes {
  name forkedFrom { prompt { name } } similar { name } } } }"""
REFERENCES = """{ prompts(filter: { includeArchived: true }) { nodes { name
  referencedBy(first: 10) { totalCount nodes { name } }
  latestVersion { references { selector prompt { name } version { number prompt { name } } }
    preview { content { ... on RenderedText { text } } brokenReferences { selector } } } } } }"""
SEARCH = """query($query: String! = "", $filter: PromptSearchFilter) { promptSearch(query: $query, filter: $filter) {
  totalCount nodes { name } facets(fields: [FOLDER, LABEL, TAG]) { field values { value count } } } }"""
LOG = """query($after: String, $ids: [ID!]) { promptEventLog(filter: { promptIds: $ids }, first: 100, after: $after) {
  totalCount nodes { kind promptId isInScope prompt { name } } } }"""
RENDER = "mutation($input: PromptRenderInput!) { promptRender(input: $input) { rendering { version { number } } } }"
ALL = {"includeArchived": True}


@dataclass(frozen=True, slots=True)
class Road:
    """`told` is what the server tells, `due` what the model says; they must be equal."""

    name: str
    told: Callable[[World], Awaitable[Any]]
    due: Callable[[World], Any]


def names(world: World) -> set[str]:
    return {fact.name for fact in world.seen}


def live_names(world: World) -> set[str]:
    return {fact.name for fact in world.seen if not fact.is_archived}


async def ask(world: World, document: str, **variables: Any) -> Any:
    """The data of the one root field."""
    (data,) = (await world.api.query(document, variables, world.access)).values()
    return data


async def by_name(world: World) -> set[str]:
    return {name for name in world.facts if await ask(world, BY, by={"name": name})}


async def by_id(world: World) -> set[str]:
    return {name for name, one in world.prompts.items() if await ask(world, BY, by={"id": prompt_id(one.id)})}


async def by_node(world: World) -> set[str]:
    found = await ask(world, NODES, ids=[prompt_id(one.id) for one in world.prompts.values()])
    return {one["name"] for one in found if one}


async def by_version(world: World) -> set[str]:
    found = await ask(world, NODES, ids=[version_id(VersionRef(one.id, 1)) for one in world.prompts.values()])
    return {one["prompt"]["name"] for one in found if one}


async def by_selector(world: World) -> set[str]:
    """As the plain faces resolve it: Langfuse's, LiteLLM's and `GET /prompts/…`.

    What the caller may not see is refused in the one way in which what does not exist is.
    """
    told, refusals = set(), set()
    for name in (*world.facts, "there/is/none"):
        for text in (name, f"{name}@1", f"{name}@production"):
            try:
                told.add(text if await resolve(world.api.deps, world.access, text) else "")
            except (NotFoundError, AccessError) as error:
                if name not in names(world):
                    refusals.add(type(error))
    assert len(refusals) == 1
    return told


def due_by_selector(world: World) -> set[str]:
    labelled = {f"{fact.name}@{fact.label}" for fact in world.seen if fact.label}
    return names(world) | {f"{name}@1" for name in names(world)} | labelled


async def by_pages(world: World) -> tuple[set[str], int]:
    """Two at a time, by cursor, and the total."""
    found, after, total = set(), None, 0
    while True:
        page = await ask(world, LIST, filter=ALL, first=2, after=after)
        found |= {one["name"] for one in page["nodes"]}
        total, after = page["totalCount"], page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found, total


async def by_filter(world: World) -> dict[str, tuple[set[str], int]]:
    """The list of each folder."""
    told = {}
    for folder in filter(None, FOLDERS):
        page = await ask(world, LIST, filter={"folders": [folder]}, first=100)
        told[folder] = ({one["name"] for one in page["nodes"]}, page["totalCount"])
    return told


def due_by_filter(world: World) -> dict[str, tuple[set[str], int]]:
    live = [fact for fact in world.seen if not fact.is_archived]
    inside = {folder: {fact.name for fact in live if folder in fact.folders} for folder in filter(None, FOLDERS)}
    return {folder: (found, len(found)) for folder, found in inside.items()}


async def by_fork(world: World) -> dict[str, str]:
    nodes = (await ask(world, LINKS))["nodes"]
    return {one["name"]: one["forkedFrom"]["prompt"]["name"] for one in nodes if one["forkedFrom"]}


def due_by_fork(world: World) -> dict[str, str]:
    return {fact.name: fact.source for fact in world.seen if fact.source in names(world)}


async def by_reference(world: World) -> dict[str, Any]:
    """What each includes, as what it is told; and as what it is read."""
    told: dict[str, Any] = {}
    for one in (await ask(world, REFERENCES))["nodes"]:
        version = one["latestVersion"]
        shown = [(it["selector"], it["prompt"], it["version"]) for it in version["references"]]
        broken = [it["selector"] for it in version["preview"]["brokenReferences"]]  # of the outermost text
        told[one["name"]] = (shown, version["preview"]["content"]["text"], broken)
    return told


def due_by_reference(world: World) -> dict[str, Any]:
    seen, due = {fact.name: fact for fact in world.seen}, {}
    for fact in world.seen:
        text, is_whole = expand(fact, seen)
        prompt = {"name": fact.included} if fact.included in seen else None
        shown = [(fact.included, prompt, {"number": 1, "prompt": prompt} if prompt else None)] if fact.included else []
        due[fact.name] = (shown, text, [] if is_whole else [fact.included])
    return due


async def by_including(world: World) -> dict[str, tuple[set[str], int]]:
    nodes = (await ask(world, REFERENCES))["nodes"]
    told = {one["name"]: one["referencedBy"] for one in nodes}
    return {name: ({one["name"] for one in by["nodes"]}, by["totalCount"]) for name, by in told.items()}


def due_by_including(world: World) -> dict[str, tuple[set[str], int]]:
    by = {fact.name: {one.name for one in world.seen if one.included == fact.name} for fact in world.seen}
    return {name: (found, len(found)) for name, found in by.items()}


async def strangers_by_similarity(world: World) -> set[str]:
    nodes = (await ask(world, LINKS))["nodes"]
    return {near["name"] for one in nodes for near in one["similar"]} - names(world)


async def by_search(world: World) -> tuple[set[str], int]:
    found = await ask(world, SEARCH, query="refund", filter=ALL)
    return {one["name"] for one in found["nodes"]}, found["totalCount"]


async def by_facets(world: World) -> dict[str, Counter[str]]:
    found = (await ask(world, SEARCH))["facets"]
    return {one["field"]: Counter({value["value"]: value["count"] for value in one["values"]}) for one in found}


def due_by_facets(world: World) -> dict[str, Counter[str]]:
    live = [fact for fact in world.seen if not fact.is_archived]
    return {
        "FOLDER": Counter(folder for fact in live for folder in fact.folders),
        "LABEL": Counter(fact.label for fact in live if fact.label),
        "TAG": Counter(tag for fact in live for tag in fact.tags),
    }


async def by_rendering(world: World) -> set[str] | None:
    if not world.may(Scope.RENDER):
        return None
    asked = {name: {"prompt": {"name": name}} for name in world.facts}
    return {name for name, input in asked.items() if (await ask(world, RENDER, input=input))["rendering"]}


def due_by_rendering(world: World) -> set[str] | None:
    seen = {fact.name: fact for fact in world.seen}
    return {name for name, fact in seen.items() if expand(fact, seen)[1]} if world.may(Scope.RENDER) else None


async def by_log(world: World) -> tuple[Counter[Any], int] | None:
    if not world.may(Scope.EVENTS_READ):
        return None
    after = cursor_of(world.api.deps, world.began)
    ids = {prompt_id(one.id): name for name, one in world.prompts.items()}
    log = await ask(world, LOG, after=after, ids=list(ids))
    told = ((ids[one["promptId"]], one["kind"], one["isInScope"], one["prompt"]) for one in log["nodes"])
    return Counter((name, kind, is_in, now is not None) for name, kind, is_in, now in told), log["totalCount"]


def due_by_log(world: World) -> tuple[Counter[Any], int] | None:
    due = Counter((*event, event[0] in names(world)) for event in due_events(world))
    return (due, due.total()) if world.may(Scope.EVENTS_READ) else None


async def by_stream(world: World) -> Counter[Any] | None:
    try:
        stream = await follow(world.api.deps, world.access, EventFilter(), world.began)
    except AccessError:
        return None
    told: Counter[Any] = Counter()
    async with aclosing(stream):
        async for message in stream:
            if not isinstance(message, Told):
                assert not isinstance(message, Reset)
                return told
            told[world.name(message.event.prompt_id), EventKind(message.event.kind).name, message.is_in_scope] += 1
    return told


def due_by_stream(world: World) -> Counter[Any] | None:
    return Counter(due_events(world)) if world.may(Scope.EVENTS_READ) else None


def due_events(world: World) -> list[tuple[str, str, bool]]:
    """The name, the kind, and whether it is in sight after the change."""
    return [
        (fact.name, kind, sees(world.reader, fact, after))
        for fact in world.facts.values()
        for kind, before, after in fact.events
        if sees(world.reader, fact, before) or sees(world.reader, fact, after)
    ]


ROADS = [
    Road("by name", by_name, names),
    Road("by id", by_id, names),
    Road("as a node", by_node, names),
    Road("by a version's node", by_version, names),
    Road("by a selector", by_selector, due_by_selector),
    Road("in pages, with the total", by_pages, lambda world: (names(world), len(names(world)))),
    Road("in a folder, with the total", by_filter, due_by_filter),
    Road("from its fork", by_fork, due_by_fork),
    Road("as what is included, and in its text", by_reference, due_by_reference),
    Road("as what includes, with the total", by_including, due_by_including),
    Road("as a similar one", strangers_by_similarity, lambda world: set()),
    Road("by search, with the total", by_search, lambda world: (names(world), len(names(world)))),
    Road("in facets", by_facets, due_by_facets),
    Road("rendered", by_rendering, due_by_rendering),
    Road("in the log, with the total", by_log, due_by_log),
    Road("in the stream", by_stream, due_by_stream),
]
