from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.console.exports import run_export
from graph.console.imports import run_import
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, PromptTemplate, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from tests.exchange.registries import documents, exported, new_registry


@pytest.fixture
async def deps(mongodb_url: str) -> AsyncIterator[Deps]:
    async with new_registry(mongodb_url) as opened:
        for name, template in TEMPLATES.items():
            await create_prompt(opened, LOCAL_ACCESS, PromptDraft(name, VersionDraft(template), tags=("a", "b")))
        yield opened


TEMPLATES: dict[str, PromptTemplate] = {
    "a/CON": TextTemplate("---\nx\r\n\n"),
    "a/Life Coach": TextTemplate("\ufeff{{x}}"),
    "a/Life coach": TextTemplate("é"),
    "b/chat": ChatTemplate((ChatMessage(ChatRole.USER, "x\n"),)),
}


async def facts(deps: Deps) -> list[list[object]]:
    """What Markdown moves."""
    keys = ("name", "title", "tags", "latest_digest", "visibility", "metadata")
    return sorted([prompt[key] for key in keys] for prompt in (await documents(deps))["prompts"])


async def test_lines_are_written_to_a_file(deps: Deps, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    assert await run_export(deps, str(path)) == 0
    assert path.read_text(encoding="utf-8") == "".join(await exported(deps))


async def test_lines_are_written_to_the_standard_output_and_all_else_beside_it(
    deps: Deps, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await run_export(deps, "-", folder="a") == 0
    out, err = capfd.readouterr()
    assert out == "".join((await exported(deps))[:3])
    assert "exported 3 prompts" in err


async def test_a_folder_of_markdown_moves_the_latest_versions(deps: Deps, mongodb_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    assert await run_export(deps, str(folder), "markdown") == 0
    assert len({path.name.casefold() for path in folder.rglob("*.md")}) == 4
    assert (folder / "b/chat.md").exists()
    async with new_registry(mongodb_url) as target:
        assert await run_import(target, folder) == 0
        assert await facts(target) == await facts(deps)
        written = await documents(target)
        assert await run_import(target, folder) == 0
        assert await documents(target) == written


async def test_an_edited_file_becomes_a_new_version_and_its_facts_follow(deps: Deps, tmp_path: Path) -> None:
    await run_export(deps, str(tmp_path), "markdown")
    path = tmp_path / "a/Life Coach.md"
    path.write_text(path.read_text().replace("tags:\n- a\n- b\n", "tags: [c]\n") + " more")
    assert await run_import(deps, tmp_path) == 0
    changed = [one for one in (await documents(deps))["prompts"] if one["latest"] == 2]
    assert [(one["name"], one["tags"]) for one in changed] == [("a/Life Coach", ["c"])]


async def test_other_files_are_left_alone_and_told(
    deps: Deps, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.md").write_text("mine")
    assert await run_export(deps, str(tmp_path), "markdown") == 0
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert "  mine.md" in capfd.readouterr().err


async def test_a_link_in_the_way_is_refused_and_the_others_are_written(deps: Deps, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").symlink_to(outside)
    assert await run_export(deps, str(folder), "markdown") == 1
    assert list(outside.iterdir()) == []
    assert (folder / "b/chat.md").exists()


@pytest.mark.parametrize(
    ("path", "form", "folder", "reason"),
    [
        ("-", "markdown", None, "Name one"),
        ("x", "yaml", None, "jsonl or markdown"),
        ("/", "jsonl", None, "A link, a folder or a special file"),
        ("-", "jsonl", "a//b", "Slashes make folders"),
    ],
)
async def test_what_cannot_be_done_is_told(
    deps: Deps, path: str, form: str, folder: str | None, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await run_export(deps, path, form, folder) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert reason in err
