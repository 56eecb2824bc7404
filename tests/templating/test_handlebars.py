import pytest

from graph.templating.foreign import Mark, MarkKind
from graph.templating.handlebars import read_handlebars
from graph.templating.parser import Slot, parse


def read_back(text: str) -> str:
    """The text with each variable in angle brackets."""
    pieces = parse(read_handlebars(text).template()).pieces
    return "".join(f"<{piece.name}>" if isinstance(piece, Slot) else str(piece) for piece in pieces)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Hi {{name}} {{ name }} {{{name}}} {{& name}}", "Hi <name> <name> <name> <name>"),
        (r"\{{name}} {{name}}", "{{name}} <name>"),
        (r"C:\\{{name}}", "C:\\<name>"),
        (r"\{{{x}}}", "{<x>}"),
        ("a\n  {{! a word }}  \nb {{!-- }} --}}c", "a\nb c"),
        ("{{#if a}}{{a}}{{else}}b{{/if}}", "{{#if a}}<a>{{else}}b{{/if}}"),
        ("{{#each a}}{{b}}{{/each}}{{b}}", "{{#each a}}{{b}}{{/each}}<b>"),
        ("{{#if a}}{{#each b}}{{c}}{{/each}}{{c}}{{/if}}", "{{#if a}}{{#each b}}{{c}}{{/each}}<c>{{/if}}"),
        ("{{{{raw}}}} {{x}} {{{{/raw}}}} {{x}}", "{{{{raw}}}} {{x}} {{{{/raw}}}} <x>"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
    ],
)
def test_variables_are_kept_where_they_mean_the_same(text: str, read: str) -> None:
    assert read_back(text) == read


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("{{#if a}}", "condition"),
        ("{{^if a}}", "condition"),
        ("{{#each a}}", "loop"),
        ("{{>header}}", "partial"),
        ("{{a.b}}", "parts"),
        ("{{@state.a}}", "context"),
        ("{{~a~}}", "white space"),
        ("{{json a}}", "JSON"),
        ("{{media url=a}}", "media"),
        ('{{section "a"}}', "sections"),
        ("{{upper a}}", "expression"),
        ("{{this}}", "expression"),
        ("{{else}}", "expression"),
        ("{{ never closed", "not closed"),
        ("{{/if}}", "never opened"),
    ],
)
def test_all_else_is_text_and_told_with_its_place(tag: str, why: str) -> None:
    read = read_handlebars(f"x\n{tag}")
    assert read_back(f"x\n{tag}") == f"x\n{tag}"
    (loss,) = read.losses
    assert loss.position == 2
    assert why in loss.why


def test_marks_are_found_where_they_are_asked_for_and_nobody_makes_them_by_a_value() -> None:
    text = '{{role "model"}}{{history}}{{role x}}{{role "king"}}{{#if a}}{{role "user"}}{{/if}}'
    read = read_handlebars(text, divides=True)
    assert [mark for _, mark in read.marks()] == [Mark(MarkKind.ROLE, "assistant"), Mark(MarkKind.HISTORY)]
    assert len(read.losses) == 4
    assert read_handlebars("{{history}}").names() == {"history"}


def test_what_is_in_a_block_or_a_tag_is_not_free() -> None:
    read = read_handlebars("a {{b}} {{#if c}} d {{/if}} e {{#each f}} g")
    free = "".join(letter for place, letter in enumerate(read.source) if read.is_free(place))
    assert free.split() == ["a", "e"]
