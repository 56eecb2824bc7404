from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from graph.console.imports import run_import
from graph.console.terminal import Terminal
from graph.exchange.formats import ImportFormat
from graph.operations.deps import Deps
from tests.exchange.registries import documents, new_registry

COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "prompts.csv"


@pytest.fixture
async def deps(mongodb_url: str) -> AsyncIterator[Deps]:
    async with new_registry(mongodb_url) as opened:
        yield opened


def terminal(is_terminal: bool = False) -> Terminal:
    out, err = (Console(file=StringIO(), soft_wrap=True, force_terminal=is_terminal and side) for side in (False, True))
    return Terminal(out, err)


def said(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def run(deps: Deps, path: Path) -> tuple[int, str, str]:
    screen = terminal()
    code = await run_import(deps, path, terminal=screen)
    return code, said(screen.out), said(screen.err)


def counts(out: str) -> dict[str, int]:
    """The last lines of the summary."""
    return {line.rsplit(None, 1)[0]: int(line.rsplit(None, 1)[1]) for line in out.splitlines()[-5:]}


async def test_the_summary_counts_and_tells_what_was_refused_with_its_line(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("act,prompt\nA,${x y:1}\nB,\nC,c,d\n")
    code, out, err = await run(deps, path)
    assert code == 1
    assert "line 2 (A): The variable 'x y' is now named 'x_y'." in out
    assert "line 3 (B): template.text: " in out
    assert "line 4: This row has 3 cells; the header has 2." in out
    assert counts(out) == {"created": 1, "new version": 0, "updated": 0, "unchanged": 0, "refused": 2}
    assert err == ""


async def test_a_dry_run_says_that_nothing_was_written(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("act,prompt\nA,a\nB,\n")
    before = await documents(deps)
    screen = terminal()
    assert await run_import(deps, path, terminal=screen, dry_run=True) == 1
    assert counts(said(screen.out)) == {"created": 1, "new version": 0, "updated": 0, "unchanged": 0, "refused": 1}
    assert "Nothing was written" in said(screen.err)
    assert await documents(deps) == before


async def test_a_folder_without_anything_to_read_says_what_it_looked_for(deps: Deps, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text("[]")
    code, _, err = await run(deps, tmp_path)
    assert code == 0
    assert "No .md, .prompt, .prompty is in it. Other files are read with --format." in err


async def test_a_second_run_writes_nothing_and_says_so(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("act,prompt\nA,a\nB,b\n")
    await run(deps, path)
    before = await documents(deps)
    code, out, _ = await run(deps, path)
    assert code == 0
    assert counts(out)["unchanged"] == 2
    assert await documents(deps) == before


async def test_moved_and_added_rows_leave_the_others_unchanged(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("act,prompt\nLife coach,a\nA/B,b\nC,c\n")
    await run(deps, path)
    path.write_text("act,prompt\nC,c\nLife Coach,d\nA/B,b\nA-B,e\nLife coach,a\n")
    _, out, _ = await run(deps, path)
    assert counts(out) == {"created": 2, "new version": 0, "updated": 0, "unchanged": 3, "refused": 0}


@pytest.mark.parametrize(
    "data", [b"act,prompt\nA,a\nB,\xff\n", b"act\nA\n", b'act,prompt\nA,a\nB,"b\n', b"act,prompt\nA,\0\n"]
)
async def test_an_unusable_file_writes_nothing_and_tells_the_line(deps: Deps, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    before = await documents(deps)
    code, out, err = await run(deps, path)
    assert (code, out) == (2, "")
    assert f"{path}: line " in err
    assert await documents(deps) == before


async def test_a_file_that_is_not_there_is_told(deps: Deps, tmp_path: Path) -> None:
    code, _, err = await run(deps, tmp_path / "none.csv")
    assert code == 2
    assert "No such file" in err


async def test_what_a_file_holds_cannot_command_the_terminal(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    path.write_text('{"name":"\\u001b[2J[bold]x\\u202e","text":""}\n')
    _, out, _ = await run(deps, path)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]x" in out


async def test_the_bar_is_for_terminals_and_goes_to_the_error_output(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("act,prompt\nA,a\n")
    screen = terminal(is_terminal=True)
    await run_import(deps, path, terminal=screen)
    assert "Importing" in said(screen.err)
    assert "Importing" not in said(screen.out)


async def test_a_folder_of_foreign_files_comes_in_with_what_is_not_kept_and_a_second_run_writes_nothing(
    deps: Deps, tmp_path: Path
) -> None:
    (tmp_path / "a.prompt").write_text('---\nconfig: {topP: 1}\n---\n{{role "user"}}\n{{#if x}}{{x}}{{/if}}')
    (tmp_path / "b.v1.prompt").write_text("System: one")
    (tmp_path / "b.v2.prompt").write_text("System: two")
    (tmp_path / "c.prompty").write_text("---\nmodel: {connection: {kind: key}}\n---\nuser:\n{{x}}")
    code, out, _ = await run(deps, tmp_path)
    assert code == 0
    assert "a.prompt (a): line 5: `{{#if x}}`: a condition is not kept." in out
    assert "c.prompty (c): line 2: `model.connection`: the connection is the server's setting" in out
    assert counts(out)["created"] == 3
    before = await documents(deps)
    code, out, _ = await run(deps, tmp_path)
    assert (code, counts(out)["unchanged"]) == (0, 3)
    assert await documents(deps) == before


async def test_a_format_can_be_asked_for(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("user:\nHi")
    assert (await run(deps, path))[0] == 2
    assert await run_import(deps, path, terminal=terminal(), form=ImportFormat.PROMPTY) == 0


@pytest.mark.skipif(not COLLECTION.exists(), reason="needs the collection in ../shared/data/prompts.csv")
async def test_the_public_collection_comes_in_whole_and_once(deps: Deps) -> None:
    code, out, _ = await run(deps, COLLECTION)
    assert (code, counts(out)["created"]) == (0, 1126)
    code, out, _ = await run(deps, COLLECTION)
    assert (code, counts(out)["unchanged"]) == (0, 1126)
    found = {document["title"]: document["name"] for document in (await documents(deps))["prompts"]}
    assert len(found) == 1126
    assert found["UX/UI Developer"] == "UX-UI Developer ~4688e666"
    assert {"Life Coach", "Life coach"} <= set(found.values())
