"""Reads: one prompt, a page of twenty, and one prompt with a long history."""

from typing import Any

from benchmarks.bench import Bench, ask, tell, tell_ratio
from benchmarks.queries import CREATE, ONE, PAGE
from benchmarks.servers import Server, running
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt
from graph.operations.versions import append_version
from graph.registry import open_registry
from graph.settings import Settings

TEXT = "You are {{persona}}. Answer in {{language}}.\n" + "Weigh what was asked, then answer it briefly. " * 20
LONG_VERSIONS = 5_000
LONG_BYTES = 20_000


def _one(name: str) -> dict[str, Any]:
    return {"query": ONE, "variables": {"name": name}}


async def _fill(server: Server, count: int) -> None:
    for number in range(count):
        draft = {"name": f"bench/{number:03}", "tags": ["a", "b"], "template": {"text": f"{number}: {TEXT}"}}
        await ask(server, CREATE, {"input": draft})


async def one_and_page(bench: Bench) -> None:
    """One prompt with its latest version by name, and a page of 20, each against its bare twin."""
    async with (
        running("promptgraph", bench.mongodb_url, bench.database) as ours,
        running("bare", bench.mongodb_url, bench.database) as bare,
    ):
        await _fill(ours, 100)

        def one(number: int) -> dict[str, Any]:
            return _one(f"bench/{number % 100:03}")

        mine, theirs, ratio = await bench.paired((ours, "/graphql", one), (bare, "/one", one))
        tell("one prompt", mine)
        tell("one prompt, bare", theirs)
        tell_ratio("one prompt, ratio of CPU", ratio, 2.5)

        def page(number: int) -> dict[str, Any]:
            return {"query": PAGE}

        few = max(200, bench.requests // 4)
        mine, theirs, ratio = await bench.paired((ours, "/graphql", page), (bare, "/page", page), few)
        tell("page of 20", mine)
        tell("page of 20, bare", theirs)
        tell_ratio("page of 20, ratio of CPU", ratio, 4)


async def long_history(bench: Bench) -> None:
    """One prompt with 5,000 versions of 20 kB, against one with a single version; mongod's CPU counts."""
    await _write_long(bench)
    async with running("promptgraph", bench.mongodb_url, bench.database) as ours:
        long, short, _ = await bench.paired(
            (ours, "/graphql", lambda number: _one("long")), (ours, "/graphql", lambda number: _one("short"))
        )
    tell(f"{LONG_VERSIONS} versions of {LONG_BYTES // 1000} kB", long)
    tell("1 version", short)
    tell_ratio("ratio of CPU, with mongod's", (long.server + long.mongod) / (short.server + short.mongod), 1.3)


async def _write_long(bench: Bench) -> None:
    settings = Settings(mongodb_database=bench.database)

    def draft(number: int) -> VersionDraft:
        return VersionDraft(TextTemplate(f"{number:05}" + "x" * (LONG_BYTES - 5)))

    async with open_registry(settings, bench.mongodb_url) as deps:
        await create_prompt(deps, LOCAL_ACCESS, PromptDraft("short", draft(1)))
        prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("long", draft(1)))
        for number in range(1, LONG_VERSIONS):
            await append_version(deps, LOCAL_ACCESS, prompt.id, number, draft(number + 1))
