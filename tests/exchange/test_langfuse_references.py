"""References go out in Langfuse's notation and come in again as the same."""

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.names import clean_prompt_name
from graph.domain.selectors import readings
from graph.exchange.langfuse_references import read_text, write_text
from graph.templating.parser import Reference, parse


def is_name(text: str) -> bool:
    with suppress(InvalidInputError):
        return clean_prompt_name(text, Limits()) == text
    return False


NAMES = st.text(alphabet="ab@=: ./#%{}~é", min_size=1, max_size=8).filter(is_name)
ENDS = st.sampled_from(["", "@7", "@production", "@latest", "@sha256:ab12"])
AROUND = st.sampled_from(["", "@", "@@@", "x", "\\", "{", "}", "{{v}}"])


def meant(text: str) -> list[tuple[str, object]]:
    """What the references of a template name; without a version it is the latest."""
    pieces = [piece for piece in parse(text).pieces if isinstance(piece, Reference)]
    ways = [readings(piece.selector)[-1] for piece in pieces]
    return [(way.name, way.version or readings(f"{way.name}@latest")[-1].version) for way in ways]


@given(NAMES, ENDS, AROUND, AROUND)
def test_what_is_written_is_read_as_the_same_reference(name: str, end: str, before: str, after: str) -> None:
    template = f"{before}{{{{> {name}{end}}}}}{after}"
    assume(len(meant(template)) == 1)
    assert meant(read_text(write_text(template), ("prompt",))) == meant(template)


@pytest.mark.parametrize("name", ["a@@@b", "a@@@"])
def test_a_name_that_langfuse_s_notation_cannot_hold_stays_in_ours(name: str) -> None:
    assert write_text(f"{{{{> {name}@7}}}}") == f"{{{{> {name}@7}}}}"
