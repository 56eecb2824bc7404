import time
from itertools import pairwise

import pytest
from hypothesis import given

from graph.templating.parser import WARNINGS_TOLD, Slot, TemplateWarning, escape, parse
from tests.templating.strategies import plain_texts, quick, texts

X = Slot("x", "{{x}}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{x}}", "x"),
        ("{{ x }}", "x"),
        ("{{   x}}", "x"),
        ("{{_}}", "_"),
        ("{{user.name-2_b}}", "user.name-2_b"),
        ("{{A9}}", "A9"),
    ],
)
def test_a_variable_is_two_braces_optional_spaces_a_name_optional_spaces_two_braces(text: str, name: str) -> None:
    assert parse(text).pieces == (Slot(name, text),)


def test_the_pieces_come_in_order_with_the_texts_between_them() -> None:
    assert parse("a{{x}}{{x}}b").pieces == ("a", X, X, "b")


def test_the_empty_text_has_no_pieces() -> None:
    assert parse("").pieces == ()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (r"\{{x}}", ("{{x}}",)),
        (r"\{{ not closed", ("{{ not closed",)),
        (r"\\{{x}}", ("\\", X)),
        (r"\\\{{x}}", (r"\{{x}}",)),
        (r"\\\\{{x}}", ("\\\\", X)),
        (r"\{{x}}{{x}}", ("{{x}}", X)),
    ],
)
def test_a_backslash_makes_braces_literal_and_two_are_a_backslash_before_a_variable(
    text: str, pieces: tuple[str | Slot, ...]
) -> None:
    assert parse(text).pieces == pieces
    assert parse(text).warnings == ()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("{{{x}}}", ("{", X, "}")),
        ("{{{{x}}}}", ("{{", X, "}}")),
        (r"\{{{x}}}", ("{{{x}}}",)),
        (r"\\{{{x}}}", ("\\{", X, "}")),
        (r"\{{{{x}}}}", ("{{", X, "}}")),
    ],
)
def test_in_a_run_of_braces_the_last_two_open(text: str, pieces: tuple[str | Slot, ...]) -> None:
    assert parse(text).pieces == pieces


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": [1, 2]}}',
        r"\frac{1}{2} \\ \textbf{x}",
        "C:\\new\\{x}",
        "${name:default} $x {x} %s {0}",
        "{% if x %}{# no #}",
        "a lone \\ and } and }} and {",
        "\\",
    ],
)
def test_everything_else_is_text_and_tells_no_warning(text: str) -> None:
    assert parse(text).pieces == (text,)
    assert parse(text).warnings == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{#if x}}", "name starts"),
        ("{{> name|label}}", "to include another prompt"),
        ("{{code here}}", "name starts"),
        ("{{}}", "name starts"),
        ("{{1a}}", "name starts"),
        ("{{é}}", "name starts"),
        ("{{\tx }}", "only spaces"),
        ("{{x\n}}", "only spaces"),
        ("{{x", "not closed"),
        ("{{x}", "not closed"),
        (r"\\{{\bf x}", "not closed"),
        ("{{{{{{", "not closed"),
    ],
)
def test_what_looks_like_a_mistake_stays_text_and_is_told_in_warnings(text: str, reason: str) -> None:
    parsed = parse(text)
    assert parsed.pieces == (text,)
    assert [reason in warning.message for warning in parsed.warnings] == [True]


def test_an_unclosed_opening_does_not_swallow_the_next_variable() -> None:
    parsed = parse("{{ a {{x}}")
    assert parsed.pieces == ("{{ a ", X)
    assert len(parsed.warnings) == 1


def test_a_warning_tells_line_and_column_in_code_points() -> None:
    places = [(warning.line, warning.column) for warning in parse("😀é{{!}}\n\n {{?}} {{").warnings]
    assert places == [(1, 3), (3, 2), (3, 8)]


def test_a_warning_is_told_without_a_part_in_a_single_text() -> None:
    (warning,) = parse("{{").warnings
    assert isinstance(warning, TemplateWarning)
    assert warning.part is None


def test_no_more_than_a_hundred_warnings_are_told() -> None:
    assert len(parse("{{!}}" * 1_000).warnings) == WARNINGS_TOLD


@quick
@given(plain_texts)
def test_no_variables_means_unchanged(text: str) -> None:
    assert "".join(piece for piece in parse(text).pieces if isinstance(piece, str)) == text


@quick
@given(texts)
def test_texts_are_never_empty_and_never_two_in_a_row(text: str) -> None:
    pieces = parse(text).pieces
    assert "" not in pieces
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in pairwise(pieces))


@quick
@given(texts)
def test_escapes_round_trip(text: str) -> None:
    parsed = parse(escape(text))
    assert parsed.pieces == ((text,) if text else ())
    assert parsed.warnings == ()


HARD = ["{", r"\\{{", "{{ a", "{{a", "{{ ", "\\", r"\{{", "{{a\n", "{{ a ", "{{{\\", "{{x}}", "}}{{"]


@pytest.mark.parametrize("unit", [*HARD, "{{" + " " * 199_998, "{{" + "a" * 199_998, "{{a" + " " * 199_997])
def test_time_is_linear_in_the_text_whatever_it_is(unit: str) -> None:
    text = (unit * (200_000 // len(unit) + 1))[:200_000]
    start = time.process_time()
    parse(text)
    assert parse(escape(text)).pieces == (text,)
    # Linear is some 0.15 s on a slow core; a quadratic reading takes a minute and more.
    assert time.process_time() - start < 2
