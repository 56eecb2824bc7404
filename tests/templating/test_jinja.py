import pytest

from graph.templating.jinja import read_jinja
from graph.templating.parser import Slot, parse


def read_back(text: str) -> str:
    """The text with each variable in angle brackets."""
    pieces = parse(read_jinja(text).template()).pieces
    return "".join(f"<{piece.name}>" if isinstance(piece, Slot) else str(piece) for piece in pieces)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Hi {{ name }} {{name}} {{\n\tname }}", "Hi <name> <name> <name>"),
        ("C:\\{{name}}", "C:\\<name>"),
        ("a{# a {{word}} #}b", "ab"),
        ("{% raw %}{{x}}{% endraw %}{{x}}", "{{x}}<x>"),
        ("{%- raw -%}{{x}}{%- endraw -%}{{x}}", "{%- raw -%}{{x}}{%- endraw -%}<x>"),
        ("{% if a %}{{a}}{% else %}b{% endif %}", "{% if a %}<a>{% else %}b{% endif %}"),
        ("{% for a, b in c %}{{a}}{{b}}{{c}}{{loop.index}}{% endfor %}{{a}}",
         "{% for a, b in c %}{{a}}{{b}}<c>{{loop.index}}{% endfor %}<a>"),
        ("{{a}}{% set a = 1 %}{{a}}{{b}}", "<a>{% set a = 1 %}{{a}}<b>"),
        ("{% macro m(a) %}{{a}}{% endmacro %}{{a}}", "{% macro m(a) %}{{a}}{% endmacro %}<a>"),
        ("{% if a == '%}' %}{{ '}}' }}{% endif %}", "{% if a == '%}' %}{{ '}}' }}{% endif %}"),
        ("{{{x}}}", "{{{x}}}"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
    ],
)  # fmt: skip
def test_variables_are_kept_where_they_mean_the_same(text: str, read: str) -> None:
    assert read_back(text) == read


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("{% if a %}", "condition"),
        ("{%- for a in b -%}", "loop"),
        ('{% include "x" %}', "partial"),
        ("{% set a = 1 %}", "'set'"),
        ("{{ a.b }}", "expression"),
        ("{{ a | upper }}", "expression"),
        ("{{- a }}", "expression"),
        ("{{ true }}", "expression"),
        ("{{ never closed", "not closed"),
        ("{% never closed", "not closed"),
        ("{% endif %}", "closes no block"),
        ("{% else %}", "no condition"),
    ],
)
def test_all_else_is_text_and_told_with_its_place(tag: str, why: str) -> None:
    read = read_jinja(f"x\n{tag}")
    assert read_back(f"x\n{tag}") == f"x\n{tag}"
    (loss,) = read.losses
    assert loss.position == 2
    assert why in loss.why


def test_what_is_in_a_block_is_not_free() -> None:
    read = read_jinja("a {% if b %} c {% for d in e %} f {% endfor %} g {% endif %} h")
    free = "".join(letter for place, letter in enumerate(read.source) if read.is_free(place))
    assert free.split() == ["a", "h"]
