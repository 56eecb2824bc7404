from pathlib import Path

import pytest

from graph.domain.limits import Limits
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import TextTemplate
from graph.exchange.entries import Refused, Snapshot, UnusableFileError
from graph.exchange.folders import Folder
from graph.exchange.limits import ExchangeLimits
from graph.exchange.markdown_folder import MarkdownFolder
from graph.exchange.prompt_folder import list_prompts, read_prompts

BOUNDS = ExchangeLimits()
NAMES = [
    "Life Coach",
    "Life coach",
    "LIFE COACH",
    "a/b",
    "A/b",
    "x.md/y",
    "x",
    "CON",
    "a:b",
    "../up".replace("..", "…"),
]


def write(path: Path, names: list[str]) -> MarkdownFolder:
    with Folder(path, make=True) as folder:
        target = MarkdownFolder(folder)
        for name in names:
            target.write(PromptDraft(name, VersionDraft(TextTemplate(f"I am {name}"))))
    return target


def test_every_name_has_its_own_file_also_where_case_is_folded(tmp_path: Path) -> None:
    write(tmp_path, NAMES)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len({str(path).casefold() for path in files}) == len(NAMES)
    entries = list(read_prompts(tmp_path, list_prompts(tmp_path, BOUNDS, None), Limits(), BOUNDS, None))
    assert sorted(entry.name or "" for entry in entries) == sorted(NAMES)


def test_bad_files_are_refused_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"\xff")
    (tmp_path / "big.md").write_text("x" * 101)
    (tmp_path / "good.md").write_text("x")
    (tmp_path / "link.md").symlink_to(tmp_path / "good.md")
    (tmp_path / "yaml.md").write_text("---\na: *b\n---\nx")
    bounds = ExchangeLimits(markdown_bytes=100)
    entries = list(read_prompts(tmp_path, list_prompts(tmp_path, bounds, None), Limits(), bounds, None))
    refused = {entry.place: entry.reason for entry in entries if isinstance(entry, Refused)}
    assert set(refused) == {"bad.md", "big.md", "link.md", "yaml.md"}
    assert "line 1: This is not UTF-8" in refused["bad.md"]
    assert [entry.name for entry in entries if isinstance(entry, Snapshot)] == ["good"]


def test_a_read_me_without_front_matter_is_no_prompt(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Our prompts")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/README.md").write_text("---\ntitle: T\n---\nx")
    entries = list(read_prompts(tmp_path, list_prompts(tmp_path, BOUNDS, None), Limits(), BOUNDS, None))
    assert [entry.name for entry in entries] == ["a/README"]


def test_files_of_no_prompt_are_found_and_left(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("x")
    with Folder(tmp_path) as folder:
        target = MarkdownFolder(folder)
        target.write(PromptDraft("a", VersionDraft(TextTemplate("x"))))
        assert target.find_others(BOUNDS) == [("mine.md",)]


def test_too_many_files_are_unusable(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.md").write_text("x")
    with pytest.raises(UnusableFileError):
        list_prompts(tmp_path, ExchangeLimits(folder_files=2), None)
