"""Putting texts where others refer to them, without a store."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.domain.prompts import PromptVersion
from graph.domain.templates import TextTemplate
from graph.templating.inclusion import Expanded, Included, expand, mentions_of
from graph.templating.parser import Piece, Reference, Slot, escape, parse, write
from graph.templating.renderer import render
from tests.templating.strategies import LIMITS, NAMES, content_of, quick, texts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def included(name: str, text: str) -> Included:
    content = content_of(text)
    return Included(name, PromptVersion(name, 1, content, content.digest(), None, NOW, None))


def expanded(text: str, limits: Limits = LIMITS, **others: str) -> Expanded:
    found = {name: included(name, other) for name, other in others.items()}
    return expand("top", None, content_of(text), found, limits)


def text_of(done: Expanded) -> str:
    assert isinstance(done.content.template, TextTemplate)
    return done.content.template.text


def merged(pieces: tuple[Piece, ...]) -> list[Piece]:
    """The same with texts in a row as one."""
    told: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and told and isinstance(told[-1], str):
            told[-1] += piece
        else:
            told.append(piece)
    return [piece for piece in told if piece]


def bare(pieces: list[Piece]) -> list[Piece]:
    """The same without lines."""
    return [Reference(piece.selector, piece.source, 0) if isinstance(piece, Reference) else piece for piece in pieces]


def test_a_reference_is_an_angle_and_a_selector_on_one_line() -> None:
    for text, selector in (("{{>b}}", "b"), ("{{> a b/c@7 }}", "a b/c@7"), ("{{>  é@sha256:ab12 }}", "é@sha256:ab12")):
        assert parse(text).pieces == (Reference(selector, text, 1),)
    for text in ("{{> }}", "{{>}}", "{{> a\n}}", "{{> a|b}}", "{{ > a}}", "{{> a", "{{> {a}}}"):
        assert not any(isinstance(piece, Reference) for piece in parse(text).pieces)
        assert len(parse(text).warnings) == 1
    assert parse(r"\{{> a}}").pieces == ("{{> a}}",)
    assert parse("{{{> a}}}").pieces == ("{", Reference("a", "{{> a}}", 1), "}")


def test_a_reference_knows_its_line() -> None:
    assert [one.line for one in mentions_of(TextTemplate("{{> a}}\n\n{{x}}{{ {{> b}}\n{{> c}}"))] == [1, 3, 4]


@quick
@given(st.lists(texts.map(parse), max_size=5))
def test_what_is_written_of_pieces_reads_back_as_the_same(parsed: list[object]) -> None:
    pieces = tuple(piece for one in parsed for piece in one.pieces)  # type: ignore[attr-defined]  # of the strategy
    assert bare(merged(parse(write(pieces)).pieces)) == bare(merged(pieces))


@quick
@given(texts, texts, texts)
def test_an_included_text_says_what_it_says_alone_and_opens_nothing_around_it(
    before: str, inner: str, after: str
) -> None:
    inner = inner.replace("{{>", "") or "x"
    done = expanded(f"{escape(before)}\n{{{{> b}}}}\n{escape(after)}", b=inner)
    assert not done.faults
    rendered = render(done.content, {}, LIMITS).content
    assert rendered == f"{before}\n{render(content_of(inner), {}, LIMITS).content}\n{after}"


@quick
@given(st.dictionaries(NAMES, texts, max_size=3), texts)
def test_values_are_put_in_once_wherever_they_stand(values: dict[str, str], inner: str) -> None:
    inner = inner.replace("{{>", "") or "x"
    done = expanded("{{> b}}|{{a}}", b=inner)
    alone = render(content_of(inner), values, LIMITS).content
    assert render(done.content, values, LIMITS).content == f"{alone}|{values.get('a', '{{a}}')}"


def test_backslashes_and_braces_before_what_is_included_stay_what_they_are() -> None:
    assert parse(text_of(expanded(r"\\{{{> b}}", b="{{x}}"))).pieces == ("\\{", Slot("x", "{{x}}"))
    assert parse(text_of(expanded("{{> b}}{{x}}", b="{"))).pieces == ("{", Slot("x", "{{x}}"))
    assert parse(text_of(expanded("{{> b}}{x}}", b="{"))).pieces == ("{{x}}",)


def test_what_the_outer_template_says_of_a_variable_holds() -> None:
    done = expanded("{{x}} {{> b}} {{> c}}", b="{{x}} {{y}}", c="{{z}}{{y}}")
    assert [variable.name for variable in done.content.variables] == ["x", "y", "z"]


def test_the_size_is_known_before_anything_is_joined() -> None:
    chain = {f"p{level}": f"{{{{> p{level - 1}}}}}" * 1_000 for level in range(1, 5)}
    done = expanded("{{> p4}}", LIMITS, p0="x" * 1_000, **chain)
    assert text_of(done) == "{{> p4}}"
    assert "500000 characters" in done.faults[0].message


def test_of_many_references_at_fault_each_is_told_once() -> None:
    assert [fault.selector for fault in expanded("{{> a}}{{> b}}" * 1_000).faults] == ["a", "b"]
