from hypothesis import given

from graph.domain.limits import Limits
from graph.domain.names import clean_prompt_name
from graph.exchange.names import name_of_title
from tests.exchange.strategies import lines

LIMITS = Limits()


def test_a_title_that_is_a_legal_name_is_the_name() -> None:
    assert name_of_title("Linux Terminal", LIMITS) == "Linux Terminal"
    assert name_of_title("السعوديه", LIMITS) == "السعوديه"


def test_a_slash_makes_no_folder_and_marks_the_name() -> None:
    assert name_of_title("UX/UI Developer", LIMITS) == "UX-UI Developer ~4688e666"


def test_two_titles_never_meet_in_one_name() -> None:
    titles = ["UX/UI", "UX-UI", "UX|UI", name_of_title("UX/UI", LIMITS), ".", "..", "/", "|", "//"]
    names = [name_of_title(title, LIMITS) for title in titles]
    assert len(set(names)) == len(titles)


def test_titles_that_differ_only_by_case_are_two_names() -> None:
    assert name_of_title("Life Coach", LIMITS) != name_of_title("Life coach", LIMITS)


def test_a_title_that_is_too_long_for_a_name_is_cut_and_marked() -> None:
    limits = Limits(name=40)
    first, second = name_of_title("x" * 60 + "a", limits), name_of_title("x" * 60 + "b", limits)
    assert len(first) == 40
    assert first != second


@given(lines(255))
def test_every_title_makes_a_legal_name_of_one_segment(title: str) -> None:
    name = name_of_title(title, LIMITS)
    assert clean_prompt_name(name, LIMITS) == name
    assert "/" not in name
