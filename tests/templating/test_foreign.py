from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from graph.templating.foreign import join_pieces, shorten
from graph.templating.handlebars import read_handlebars
from graph.templating.jinja import read_jinja
from graph.templating.parser import Piece, Slot, parse

TEXTS = st.lists(st.sampled_from(["{", "{{", "}", "}}", "\\", "a", " ", "\n", "{{x}}", "{%", "%}", "#", '"'])).map(
    "".join
)
SLOTS = st.sampled_from([Slot("x", "{{x}}"), Slot("y", "{{ y }}"), Slot("z", "{{{z}}}")])


def merged(pieces: Iterable[Piece]) -> list[str]:
    """The pieces as names and texts, no two texts in a row and none empty."""
    found: list[str] = []
    was_text = False
    for piece in pieces:
        if isinstance(piece, Slot):
            found.append(f"<{piece.name}>")
        elif was_text:
            found[-1] += str(piece)
        elif piece:
            found.append(str(piece))
        was_text = isinstance(piece, str) and (bool(piece) or was_text)
    return found


@given(st.lists(st.one_of(TEXTS, SLOTS)))
def test_what_is_joined_reads_as_the_same_texts_and_variables(pieces: list[str | Slot]) -> None:
    parsed = parse(join_pieces(pieces))
    assert merged(parsed.pieces) == merged(pieces)
    assert parsed.warnings == ()


@given(TEXTS)
def test_no_text_of_another_language_makes_a_reader_fail_or_a_warning(text: str) -> None:
    for read in (read_handlebars, read_jinja):
        assert parse(read(text).template()).warnings == ()


@given(st.lists(st.sampled_from(["a", "\n", " ", "}", "\\"])).map("".join))
def test_a_text_without_braces_is_itself(text: str) -> None:
    assert read_handlebars(text).template() == read_jinja(text).template() == text


def test_what_is_told_is_short_and_one_line() -> None:
    assert shorten("a\n  b") == "a b"
    assert len(shorten("x" * 1_000)) == 61
