"""What includes another prompt may stand anywhere in a file, in every format alike."""

import json
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.domain.limits import Limits
from graph.exchange.limits import ExchangeLimits
from graph.exchange.reading import read_path
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate, Outcome
from graph.operations.imports import import_entries
from tests.exchange.registries import new_registry

Files = dict[str, str]
TEXTS = {"c": "{{> b}}!", "b": "{{> a@1}}?", "a": "Hi", "x": "{{> none}}", "p": "{{> q}}", "q": "{{> p}}"}
"""By name: a chain that begins at its end, one that includes nothing that there is, and two that include each other."""


@pytest.fixture
async def deps(mongodb_url: str) -> AsyncIterator[Deps]:
    async with new_registry(mongodb_url) as opened:
        yield opened


async def bring(deps: Deps, path: Path) -> dict[str, Outcome]:
    entries = list(read_path(path, Limits(), ExchangeLimits()).entries)
    return {str(one.name): one async for one in import_entries(deps, LOCAL_ACCESS, entries)}


def lay(folder: Path, files: Files) -> Path:
    """The folder with the files, or the one file that there is."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder / next(iter(files)) if len(files) == 1 else folder


def tagged(text: str) -> str:
    """The text with references as Langfuse has them."""
    for name in TEXTS:
        text = text.replace(f"{{{{> {name}@1}}}}", f"@@@langfusePrompt:name={name}|version=1@@@")
        text = text.replace(f"{{{{> {name}}}}}", f"@@@langfusePrompt:name={name}|label=latest@@@")
    return text.replace("{{> none}}", "@@@langfusePrompt:name=none|label=latest@@@")


def in_langfuse(*versions: str) -> str:
    return json.dumps(
        [
            {"name": name, "version": number, "prompt": version.format(tagged(text)), "config": {}}
            for name, text in TEXTS.items()
            for number, version in enumerate(versions, start=1)
        ]
    )


FORMATS: dict[str, Files] = {
    "a table": {"a.csv": "act,prompt\n" + "".join(f"{name},{text}\n" for name, text in TEXTS.items())},
    "lines": {"a.jsonl": "".join(json.dumps({"name": name, "text": text}) + "\n" for name, text in TEXTS.items())},
    "an array": {"a.json": json.dumps([{"name": name, "text": text} for name, text in TEXTS.items()])},
    "Markdown": {f"{name}.md": text for name, text in TEXTS.items()},
    "Langfuse": {"a.json": in_langfuse("{}")},
    "Langfuse, with a history": {"a.json": in_langfuse("{} first", "{}")},
}


@pytest.mark.parametrize("form", FORMATS)
async def test_what_is_included_comes_in_before_those_that_include_it(deps: Deps, tmp_path: Path, form: str) -> None:
    path = lay(tmp_path / "files", FORMATS[form])
    outcomes = await bring(deps, path)
    assert {name: outcome.fate for name, outcome in outcomes.items()} == {
        **dict.fromkeys("abc", Fate.CREATED),
        **dict.fromkeys("xpq", Fate.REFUSED),
    }, outcomes
    assert "none" in outcomes["x"].notes[0]
    assert {outcome.fate for outcome in (await bring(deps, path)).values()} == {Fate.UNCHANGED, Fate.REFUSED}


async def test_who_only_needs_one_of_a_circle_is_not_refused_with_it(deps: Deps, tmp_path: Path) -> None:
    await bring(deps, lay(tmp_path / "before", {"a.json": json.dumps([{"name": "p", "text": "P"}])}))
    texts = {"d": "{{> c}}", "c": "{{> p}}", "p": "{{> q}}", "q": "{{> p}}"}
    lines = "".join(json.dumps({"name": name, "text": text}) + "\n" for name, text in texts.items())
    outcomes = await bring(deps, lay(tmp_path / "after", {"a.jsonl": lines}))
    assert [outcomes[name].fate for name in "dc"] == [Fate.CREATED] * 2
    assert Fate.REFUSED in {outcomes[name].fate for name in "pq"}


async def test_names_are_compared_in_one_form(deps: Deps, tmp_path: Path) -> None:
    composed, taken_apart = (unicodedata.normalize(form, "\u00fc") for form in ("NFC", "NFD"))
    texts = {"top": f"{{{{> {composed}}}}}", taken_apart: "{{> under}}", "under": "Hi"}
    lines = "".join(json.dumps({"name": name, "text": text}) + "\n" for name, text in texts.items())
    outcomes = await bring(deps, lay(tmp_path / "files", {"a.jsonl": lines}))
    assert {outcome.fate for outcome in outcomes.values()} == {Fate.CREATED}, outcomes
