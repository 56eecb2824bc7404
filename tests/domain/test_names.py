import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.names import clean_folder, clean_label, clean_line, clean_prompt_name, clean_tags, clean_text

LIMITS = Limits()
PATH = ("field",)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "support/refund-reply",
        "Ünï/日本語/🦊",
        "a b.c",
        "$set",
        "a.b",
        "__proto__",
        "x" * 255,
        "v1",
        "latest",
        "👩‍👧",
    ],
)
def test_a_name_is_anything_printable_in_segments(name: str) -> None:
    assert clean_prompt_name(name, LIMITS) == name


def test_a_name_is_brought_to_nfc() -> None:
    assert clean_prompt_name("e\u0301", LIMITS) == "é"


@pytest.mark.parametrize(
    "name",
    [
        *("", "x" * 256, "a|b", "a\nb", "a\tb", "\0", "a\x7f", "a\u2028b", "\ud800"),
        *("/a", "a/", "a//b", "/", ".", "..", "a/./b", "../a", " a", "a ", "a/ b", "a\u00a0", "\u3000a"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused_at_its_field(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_prompt_name(name, LIMITS, PATH)
    assert caught.value.path == PATH


def test_a_folder_may_end_with_its_slash() -> None:
    assert clean_folder("support/", LIMITS) == clean_folder("support", LIMITS) == "support"


@pytest.mark.parametrize("label", ["production", "a", "v", "v1a", "vv1", "a_b.c-d", "x" * 36])
def test_a_label_starts_with_a_letter_and_is_short(label: str) -> None:
    assert clean_label(label) == label


@pytest.mark.parametrize("label", ["latest", "v1", "v007", "", "A", "1a", "_a", "a b", "é", "x" * 37, "a\n"])
def test_latest_and_what_looks_like_a_number_are_no_labels_to_set(label: str) -> None:
    with pytest.raises(InvalidInputError):
        clean_label(label)


def test_tags_are_in_nfc_in_their_order_and_each_once() -> None:
    assert clean_tags(("b", "e\u0301", "a", "é", "b"), LIMITS) == ("b", "é", "a")


def test_a_tag_at_fault_is_named_by_its_place() -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_tags(("a", "x" * 51), LIMITS)
    assert caught.value.path == ("tags", "1")


def test_fifty_tags_are_allowed_and_no_more() -> None:
    tags = tuple(str(number) for number in range(51))
    assert len(clean_tags(tags[:50], LIMITS)) == 50
    with pytest.raises(InvalidInputError, match="at most 50 tags; these are 51"):
        clean_tags(tags, LIMITS)


@pytest.mark.parametrize("line", ["", "abcd", " a", "a\nb", "\ud800"])
def test_a_line_is_short_printable_and_trimmed(line: str) -> None:
    assert clean_line("abc", 3, "A title", PATH) == "abc"
    with pytest.raises(InvalidInputError):
        clean_line(line, 3, "A title", PATH)


def test_text_is_kept_to_the_letter() -> None:
    text = " e\u0301\r\n\t\0 "
    assert clean_text(text, 10, "A text", PATH) == text
    with pytest.raises(InvalidInputError, match="1 to 10 characters; this has 0"):
        clean_text("", 10, "A text", PATH, least=1)
