import difflib
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.templating.diff import unified_diff
from tests.templating.strategies import quick

lines = st.lists(st.sampled_from(["a", "b", "c", "", "-d", "+e"]), max_size=40)
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def patch(old: list[str], diff: str) -> list[str]:
    """Applies a unified diff strictly: every line of context and every range must be right."""
    new: list[str] = []
    at = 0
    for line in diff.split("\n")[2:] if diff else []:
        if hunk := HUNK.fullmatch(line):
            start = int(hunk[1]) - (hunk[2] != "0")
            new += old[at:start]
            at = start
            assert len(new) == int(hunk[3]) - (hunk[4] != "0")
            continue
        if line[0] in " -":
            assert old[at] == line[1:]
            at += 1
        if line[0] in " +":
            new.append(line[1:])
    return new + old[at:]


def test_equal_texts_have_no_difference() -> None:
    assert unified_diff(["a", "b"], ["a", "b"], 5_000) == ""


def test_a_difference_is_a_unified_diff_with_three_lines_of_context() -> None:
    old = [str(number) for number in range(1, 21)]
    new = [*old[:9], "ten", *old[10:], "21"]
    assert unified_diff(old, new, 5_000) == "\n".join(
        [
            "--- older",
            "+++ newer",
            "@@ -7,7 +7,7 @@",
            " 7",
            " 8",
            " 9",
            "-10",
            "+ten",
            " 11",
            " 12",
            " 13",
            "@@ -18,3 +18,4 @@",
            " 18",
            " 19",
            " 20",
            "+21",
        ]
    )


def test_small_changes_read_as_the_standard_library_writes_them() -> None:
    old = [f"line {number}" for number in range(60)]
    new = [*old[:5], *old[7:30], "x", "y", *old[30:50], "z", *old[51:]]
    expected = "\n".join(difflib.unified_diff(old, new, "older", "newer", lineterm=""))
    assert unified_diff(old, new, 5_000) == expected


@pytest.mark.parametrize("gap", [5, 6, 7])
def test_changes_whose_contexts_touch_share_a_hunk(gap: int) -> None:
    old = [str(number) for number in range(30)]
    new = [*old[:5], "x", *old[6 : 6 + gap], "y", *old[7 + gap :]]
    assert unified_diff(old, new, 5_000) == "\n".join(difflib.unified_diff(old, new, "older", "newer", lineterm=""))


@quick
@given(lines, lines)
def test_the_diff_applied_to_the_older_gives_the_newer(old: list[str], new: list[str]) -> None:
    assert patch(old, unified_diff(old, new, 5_000)) == new


def test_more_lines_than_the_bound_on_either_side_are_told_as_replaced_whole() -> None:
    diff = unified_diff(["a"], ["b"] * 5_001, 5_000)
    assert diff.split("\n")[2:] == ["@@ replaced whole: 1 lines by 5001 @@"]


rng = random.Random(7)
HARD = {
    "two letters": [[rng.choice("ab") for _ in range(5_000)] for _ in range(2)],
    "a hundred lines at random": [[str(rng.randrange(100)) for _ in range(5_000)] for _ in range(2)],
    "half of them unique": [[str(rng.randrange(2_500)) for _ in range(5_000)] for _ in range(2)],
    "shuffled": [rng.sample([str(n) for n in range(5_000)], 5_000) for _ in range(2)],
    "swapped halves": [["a"] * 2_500 + ["b"] * 2_500, ["b"] * 2_500 + ["a"] * 2_500],
    "long common beginnings": [["x" * 38 + str(n * step % 97) for n in range(5_000)] for step in (1, 7)],
    "nothing in common": [[f"{side}{n}" for n in range(5_000)] for side in "ab"],
}


@pytest.mark.parametrize("name", HARD)
def test_the_cost_is_bounded_on_lines_that_repeat(name: str) -> None:
    old, new = HARD[name]
    start = time.process_time()
    diff = unified_diff(old, new, 5_000)
    assert time.process_time() - start < 0.5  # some 0.05 s; difflib takes seconds to minutes
    assert patch(old, diff) == new
