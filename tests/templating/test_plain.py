from hypothesis import given
from hypothesis import strategies as st

from graph.templating.parser import Slot, parse
from graph.templating.plain import mistakable, read_plain, write_plain, write_single

TEXTS = st.lists(st.sampled_from(["\\", "{", "{{", "}}", "}", "{{x}}", "{{ y }}", "{x}", " ", "a", "#if", "\n"])).map(
    "".join
)


@given(TEXTS)
def test_a_text_without_escapes_is_given_back_to_the_letter(text: str) -> None:
    assert write_plain(read_plain(text)) == text


@given(TEXTS)
def test_every_variable_in_it_is_a_variable_of_ours(text: str) -> None:
    slots = [piece.source for piece in parse(read_plain(text)).pieces if isinstance(piece, Slot)]
    without_escapes = [piece.source for piece in parse(text.replace("\\", "|")).pieces if isinstance(piece, Slot)]
    assert slots == without_escapes


def test_an_escaped_variable_reads_as_its_text_where_there_are_no_escapes() -> None:
    assert write_plain(r"\{{x}} and {{ y }}") == "{{x}} and {{ y }}"
    assert write_single(r'\{{x}} and {{ y }}, {"a": 1}') == '{{x}} and {y}, {"a": 1}'


def test_text_that_single_braces_would_take_for_a_variable_is_found() -> None:
    assert mistakable(['{"dish": {{dish}}}'], ["dish"]) is None
    assert mistakable(["{{dish}} is not {dish}"], ["dish"]) == "dish"
    assert mistakable([r"{{dish}} is not \{{dish}}"], ["dish"]) == "dish"
    assert mistakable(["{{a}}", "{a}"], ["a"]) == "a"
