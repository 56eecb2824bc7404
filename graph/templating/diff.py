"""A unified diff of lines whose cost is bounded whatever the lines are.

Common ends are cut off, lines that are unique on both sides hold the two in place (as in a patience
diff), and what lies between two such anchors is compared by Myers' algorithm on a budget that the whole
diff shares. Where the budget ends, the lines between are told as replaced: longer, never wrong.
Standard difflib is quadratic and worse on lines that repeat.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONTEXT = 3
STEPS = 250_000  # of Myers' inner loop in one diff: some 40 ms

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines `old_start:old_end` became `new_start:new_end`; either range may be empty."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def unified_diff(old: Lines, new: Lines, most_lines: int) -> str:
    """The difference with three lines of context; empty when there is none.

    A side of more than `most_lines` lines is told as replaced whole, with no line of it.
    """
    if old == new:
        return ""
    header = ["--- older", "+++ newer"]
    if max(len(old), len(new)) > most_lines:
        return "\n".join([*header, f"@@ replaced whole: {len(old)} lines by {len(new)} @@"])
    for hunk in _group(_find_blocks(old, new)):
        header += _write_hunk(hunk, old, new)
    return "\n".join(header)


def _find_blocks(old: Lines, new: Lines) -> list[_Block]:
    """What changed, in order; two blocks always have an equal line between them."""
    blocks: list[_Block] = []
    old_at = new_at = 0
    for old_index, new_index in [*_match(old, new), (len(old), len(new))]:
        if old_index > old_at or new_index > new_at:
            blocks.append(_Block(old_at, old_index, new_at, new_index))
        old_at, new_at = old_index + 1, new_index + 1
    return blocks


def _match(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """Pairs of equal lines, rising on both sides."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    pairs = [(index, index) for index in range(start)]
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    budget = _Budget(STEPS)
    old_at = new_at = start
    for old_index, new_index in [*_find_anchors(old, new, start, old_end, new_end), (old_end, new_end)]:
        between = _match_between(old[old_at:old_index], new[new_at:new_index], budget)
        pairs += [(old_at + i, new_at + j) for i, j in between]
        if old_index < old_end:
            pairs.append((old_index, new_index))
        old_at, new_at = old_index + 1, new_index + 1
    return pairs + [(old_end + index, new_end + index) for index in range(tail)]


def _find_anchors(old: Lines, new: Lines, start: int, old_end: int, new_end: int) -> list[tuple[int, int]]:
    """The longest rising run of lines that stand once on either side."""
    old_counts, new_counts = Counter(old[start:old_end]), Counter(new[start:new_end])
    places = {new[j]: j for j in range(start, new_end) if new_counts[new[j]] == 1}
    unique = [(i, places[old[i]]) for i in range(start, old_end) if old_counts[old[i]] == 1 and old[i] in places]
    tops: list[int] = []  # the smallest place at which a run of each length ends
    top_at: list[int] = []  # and its index in `unique`
    came_from: list[int] = []
    for index, (_, place) in enumerate(unique):
        length = bisect_left(tops, place)
        came_from.append(top_at[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        top_at[length : length + 1] = [index]
    run: list[tuple[int, int]] = []
    index = top_at[-1] if top_at else -1
    while index >= 0:
        run.append(unique[index])
        index = came_from[index]
    return run[::-1]


class _Budget:
    """Steps that are left; shared by all regions of one diff."""

    def __init__(self, steps: int) -> None:
        self.steps = steps


def _match_between(old: Lines, new: Lines, budget: _Budget) -> list[tuple[int, int]]:
    """Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986); no pairs when the budget ends."""
    trail: list[dict[int, int]] = []
    furthest = {1: 0}
    if not old or not new:
        return []
    for distance in range(len(old) + len(new) + 1):
        # Each round keeps a copy of what it starts from, so a round costs twice its width.
        budget.steps -= 2 * distance + 1
        if budget.steps < 0:
            return []
        trail.append(dict(furthest))
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
                budget.steps -= 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walk_back(trail, len(old), len(new))
    return []


def _walk_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for distance in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[distance], x - y
        down = diagonal == -distance or (diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        from_x = furthest[before] if distance else 0
        from_y = from_x - before if distance else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def _group(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """Blocks whose contexts touch go into one hunk."""
    hunk: list[_Block] = []
    for block in blocks:
        if hunk and block.old_start - hunk[-1].old_end > 2 * CONTEXT:
            yield hunk
            hunk = []
        hunk.append(block)
    if hunk:
        yield hunk


def _write_hunk(hunk: list[_Block], old: Lines, new: Lines) -> list[str]:
    first, last = hunk[0], hunk[-1]
    lead = min(CONTEXT, first.old_start)
    trail = min(CONTEXT, len(old) - last.old_end)
    old_range = _write_range(first.old_start - lead, last.old_end + trail)
    new_range = _write_range(first.new_start - lead, last.new_end + trail)
    lines = [f"@@ -{old_range} +{new_range} @@"]
    at = first.old_start - lead
    for block in hunk:
        lines += [" " + line for line in old[at : block.old_start]]
        lines += ["-" + line for line in old[block.old_start : block.old_end]]
        lines += ["+" + line for line in new[block.new_start : block.new_end]]
        at = block.old_end
    return lines + [" " + line for line in old[at : at + trail]]


def _write_range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
