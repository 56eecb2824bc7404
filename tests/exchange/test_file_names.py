import pytest
from hypothesis import given

from graph.exchange.file_names import folded, other_path_of_name, path_of_name
from tests.exchange.strategies import names


def test_a_name_is_a_path_of_folders_and_a_file() -> None:
    assert path_of_name("support/Refund reply") == ("support", "Refund reply.md")
    assert path_of_name("недвижимость/漢字") == ("недвижимость", "漢字.md")


@pytest.mark.parametrize(
    "segment",
    ["a:b", "a\\b", "a*", "CON", "nul.txt", "com1", "-rf", ".hidden", "a.", "~x", "a\u202eb", "x" * 200, "漢" * 60],
)
def test_a_segment_that_is_no_safe_file_name_is_hashed(segment: str) -> None:
    (file,) = path_of_name(segment)
    assert file != segment + ".md"
    assert len(file.encode()) <= 130
    assert file[0] not in ".-~"


def test_a_folder_never_looks_like_a_file_of_ours() -> None:
    assert path_of_name("x.md/y")[0] != "x.md"
    assert path_of_name("x.md") != ("x.md",)


def test_a_segment_that_looks_hashed_is_hashed_again() -> None:
    (file,) = path_of_name("a:b")
    assert path_of_name(file.removesuffix(".md")) != (file,)


def test_names_that_differ_only_by_case_have_another_path() -> None:
    assert folded(path_of_name("a/Life Coach")) == folded(path_of_name("a/Life coach"))
    assert folded(other_path_of_name("a/Life coach")) != folded(path_of_name("a/Life Coach"))


@given(names)
def test_every_part_of_every_path_is_safe(name: str) -> None:
    for parts in (path_of_name(name), other_path_of_name(name)):
        assert len(parts) == name.count("/") + 1
        for part in parts:
            assert part not in ("", ".", "..")
            assert not set(part) & set('/\\:*?"<>|\0\n')
            assert len(part.encode()) <= 130


@given(names, names)
def test_two_names_share_a_path_only_when_case_folding_makes_them_one(one: str, other: str) -> None:
    if one != other:
        assert path_of_name(one) != path_of_name(other)
