"""A history that runs over the document's limit goes on in the archives, without a seam."""

import os

from graph.domain.prompts import Prompt, PromptDraft, PromptVersion, VersionDraft, VersionRef
from graph.domain.templates import TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.rendering import preview_version
from graph.operations.versions import append_version, compare_versions
from graph.store.archives import ArchiveStore, History
from graph.store.store import Store

MANY = int(os.environ.get("PROMPTGRAPH_VERSIONS", "1000"))
LARGE = 100_000
PAST_THE_LIMIT = 180  # times 100 kB is 18 MB; a document holds 16 MiB


async def write_history(deps: Deps, count: int, padding: str) -> Prompt:
    def draft(number: int) -> VersionDraft:
        return VersionDraft(TextTemplate(f"{number}: hello {{{{name}}}}\n{padding}"))

    prompt = await create_prompt(deps, LOCAL_ACCESS, PromptDraft("long/history", draft(1)))
    for number in range(1, count):
        appended = await append_version(deps, LOCAL_ACCESS, prompt.id, number, draft(number + 1))
        prompt = appended.prompt
    return prompt


async def read_uncached(deps: Deps, prompt: Prompt, numbers: range) -> list[PromptVersion]:
    refs = [VersionRef(prompt.id, number) for number in numbers]
    found = await deps.store.versions._read(refs)
    return [found[ref] for ref in refs if ref in found]


async def check_every_version(deps: Deps, prompt: Prompt, count: int) -> None:
    for start in range(1, count + 1, 100):
        numbers = range(start, min(start + 100, count + 1))
        versions = await read_uncached(deps, prompt, numbers)
        assert [version.number for version in versions] == list(numbers)
        for version in versions:
            rendered = (await preview_version(deps, LOCAL_ACCESS, version, {"name": "Ada"})).rendered
            assert str(rendered.content).startswith(f"{version.number}: hello Ada\n")


async def test_thousands_of_versions_of_one_prompt_are_read_and_rendered_across_the_seam(
    deps: Deps, store: Store
) -> None:
    prompt = await write_history(deps, MANY, padding="")
    assert prompt.latest == MANY
    await check_every_version(deps, prompt, MANY)
    assert await read_uncached(deps, prompt, range(MANY + 1, MANY + 3)) == []
    document = await store.database.collection("prompts").find_one({"_id": prompt.id})
    assert document is not None
    assert len(document["versions"]) <= deps.limits.embedded_versions


async def test_a_prompt_of_100_kb_versions_grows_past_16_mib(deps: Deps, store: Store) -> None:
    prompt = await write_history(deps, PAST_THE_LIMIT, padding="x" * LARGE)
    await check_every_version(deps, prompt, PAST_THE_LIMIT)
    oldest, newest = await read_uncached(deps, prompt, range(1, PAST_THE_LIMIT + 1, PAST_THE_LIMIT - 1))
    changes = await compare_versions(deps, LOCAL_ACCESS, oldest, newest)
    assert "-1: hello {{name}}" in changes.text_diff
    buckets = await store.database.collection("version_archives").find({"prompt_id": prompt.id}).to_list()
    assert max(bucket["size"] for bucket in buckets) < 1_048_576
    ends = sorted((bucket["first"], bucket["last"]) for bucket in buckets)
    assert [first for first, _ in ends[1:]] == [last + 1 for _, last in ends[:-1]]


def test_the_newest_version_stays_with_its_prompt_however_large(deps: Deps, store: Store) -> None:
    archives = ArchiveStore(store.database, deps.limits)
    assert not archives.is_full(History(count=1, size=900_000))
    assert archives.is_full(History(count=2, size=900_000))
    assert archives.is_full(History(count=51, size=51))
    assert not archives.is_full(History(count=50, size=524_288))
