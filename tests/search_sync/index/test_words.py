"""What a word is, and where a query is seen in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_sync.index.typos import has_few_typos
from search_sync.index.words import LONGEST_WORD, MOST_QUERY_WORDS, highlight_ranges, read_query, words

WORDS = [
    ("Linux Terminal", ["linux", "terminal"]),
    ("bug-risk_analysis.v2", ["bug", "risk", "analysis", "v2"]),
    ("Straße ÉCOLE naïve İstanbul Łódź", ["strasse", "ecole", "naive", "istanbul", "lodz"]),
    ("ﬁne ½ ① Ⅳ", ["fine", "1", "2", "1", "iv"]),
    ("翻译机 GPT4模型", ["翻", "译", "机", "翻译", "译机", "gpt4", "模", "型", "模型"]),
    ("हिन्दी", ["हिन्दी"]),
    ("שָׁלוֹם", ["שלום"]),
    ("프롬프트", ["프롬프트"]),
    ("がく", ["が", "く", "がく"]),
    ("🚀 👩\u200d💻👍🏽", ["🚀", "👩", "💻", "👍"]),
    ("co\u00adoperate zero\u200bwidth", ["cooperate", "zero", "width"]),
    ("\0a\0b \ud800c \ue000", ["a", "b", "c"]),
    ("a^b c`d", ["a", "b", "c", "d"]),
    ("a^b c`d €´é˜", ["a", "b", "c", "d", "e"]),
    ("", []),
    ("—…“”", []),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words_are_folded_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_composed_and_decomposed_text_have_the_same_words() -> None:
    assert words("e\u0301cole \u110d\u1161") == words("\u00e9cole \uc9dc")


def test_a_run_past_the_longest_word_goes_on_as_another() -> None:
    assert words("x" * 130) == ["x" * LONGEST_WORD, "x" * LONGEST_WORD, "x" * 10]


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_ascii_has_the_same_words_beside_any_other_text(text: str) -> None:
    assert words(f"{text} é") == [*words(text), "e"]


@given(st.text(max_size=80))
def test_folding_what_was_folded_changes_nothing(text: str) -> None:
    joined = " ".join(words(text))
    assert set(words(joined)) == set(words(text))


@given(st.text(max_size=200))
def test_no_word_is_empty_or_longer_than_the_longest(text: str) -> None:
    assert all(0 < len(word) <= LONGEST_WORD and not word.isspace() for word in words(text))


def test_the_last_word_may_be_a_beginning_unless_something_follows() -> None:
    assert [word.is_beginning for word in read_query("one two")] == [False, True]
    assert not any(word.is_beginning for word in read_query("one two "))
    assert not any(word.is_beginning for word in read_query("one two!"))
    assert not any(word.is_beginning for word in read_query("a b c d e f g h i j k"))


@given(st.text(max_size=3_000))
def test_a_query_never_has_more_words_than_it_may(text: str) -> None:
    assert len(read_query(text)) <= MOST_QUERY_WORDS


@given(st.text("abc", min_size=8, max_size=12), st.integers(0, 11), st.sampled_from("abcd"))
def test_one_changed_letter_is_one_typo_wherever_it_is(word: str, at: int, letter: str) -> None:
    at %= len(word)
    assert has_few_typos(word, word[:at] + letter + word[at + 1 :])


@given(st.text("ab", min_size=1, max_size=7), st.text("ab", max_size=9))
def test_a_word_with_few_typos_has_few_as_a_beginning_as_well(typed: str, word: str) -> None:
    if has_few_typos(typed, word):
        assert has_few_typos(typed, word, is_beginning=True)
        assert has_few_typos(typed, word + "c", is_beginning=True)


HIGHLIGHTS = [
    ("The Linux terminal", "linux", ["Linux"]),
    ("The Linux terminal", "linux term", ["Linux", "term"]),
    ("The Linux terminal", "linux term ", ["Linux"]),
    ("The Linux terminal", "linxu", ["Linux"]),
    ("The Linux terminal", "trminal", ["terminal"]),
    ("École, ecole, e\u0301cole!", "ECOLE", ["École", "ecole", "e\u0301cole"]),
    ("die Straße", "stras", ["Straß"]),
    ("请把它翻译成英文", "翻译", ["翻译"]),
    ("请把它翻译成英文", "翻译成", ["翻译成"]),
    ("go 🚀👩\u200d💻 now", "🚀", ["🚀"]),
    ("שָׁלוֹם עולם", "שלום", ["שָׁלוֹם"]),
    ("nothing here", "zebra", []),
    ("nothing here", "  ", []),
    ("", "zebra", []),
]


@pytest.mark.parametrize(("text", "query", "expected"), HIGHLIGHTS)
def test_highlights_are_what_matches_in_code_points(text: str, query: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in highlight_ranges(text, query)] == expected


@given(st.text(max_size=100), st.text(max_size=20))
def test_highlights_lie_in_the_text_in_order_and_apart(text: str, query: str) -> None:
    edges = [edge for pair in highlight_ranges(text, query) for edge in pair]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= len(text) for edge in edges)


@given(st.text(min_size=1, max_size=30))
def test_a_text_asked_for_by_its_first_word_is_highlighted(text: str) -> None:
    asked = read_query(text)
    assert bool(highlight_ranges(text, text)) == bool(asked)
