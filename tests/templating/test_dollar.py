import csv
import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.domain.names import VARIABLE_PATTERN
from graph.domain.templates import Variable
from graph.templating.dollar import convert_dollar_variables, legal_name
from graph.templating.parser import Slot, parse
from tests.templating.strategies import LIMITS, content_of, quick

COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "prompts.csv"
SOURCE = re.compile(r"\$\{[^{}]*\}")
OURS = re.compile(r"(?<!\$)\{\{ *[A-Za-z_][A-Za-z0-9_.-]* *\}\}|\$\{\{ *[A-Za-z_]+ *\}\}")


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("Hi ${name}!", "Hi {{name}}!"),
        ("${a}${b:x}", "{{a}}{{b}}"),
        ("{${a}}", "{{{a}}}"),
        ("${${a}}", "${{{a}}}"),
        ("$${a}", "${{a}}"),
        ("${ Mother Language : Turkish }", "{{Mother_Language}}"),
        ("${Aspect Ratio: 16:9 | 4:3}", "{{Aspect_Ratio}}"),
        ("${priceRange:$200-$600}", "{{priceRange}}"),
        ("${What is it?}", "{{What_is_it}}"),
    ],
)
def test_dollar_variables_become_ours(foreign: str, ours: str) -> None:
    assert convert_dollar_variables(foreign).text == ours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$5 and $x and $HOME, 5$ {a} ${ } ${} ${:x} ${---}",
        "$E = mc^2$ and $\\frac{a}{b}$",
        "`${user.name} has ${count} of ${items[0]} by ${call()}`",
        "${error instanceof Error ? error.message : String(error)}",
        "${index + 1}",
        "${VAR:-default} ${VAR:=x} ${VAR:?must} ${VAR:+x} ${VAR%.*} ${#VAR} ${!VAR} ${VAR//a/b}",
        "\\${name} stays, as in a shell",
        '${a:{"b": 1}} holds a brace',
        "${unclosed",
        "${two\nlines}",
        "{{ours}} and {{ ours }} and \\{{ours}} and {{{ours}}}",
        "{{code here}} {{#id.name#}} {{ $json['x'] }}",
        "${{price}}",
    ],
)
def test_text_in_another_notation_is_never_damaged(text: str) -> None:
    converted = convert_dollar_variables(text)
    assert converted.text == text
    assert (converted.variables, converted.renamed, converted.dropped_defaults) == ((), (), ())


@pytest.mark.parametrize(
    "text",
    [
        "key: ${{ secrets.API_KEY }}",
        "\\${{ github.actor }}",
        "LaTeX \\{{a}\\}",
        "\\\\\\{{ a }",
    ],
)
def test_what_our_grammar_would_read_otherwise_is_escaped(text: str) -> None:
    assert parse(convert_dollar_variables(text).text).pieces == (text,)


@pytest.mark.parametrize("before", ["\\\\", "\\{", "\\{{", "{{", "\\\\{{{", "{{ a "])
def test_backslashes_and_braces_before_a_variable_stay_what_they_are(before: str) -> None:
    assert parse(convert_dollar_variables(before + "${x}").text).pieces == (before, Slot("x", "{{x}}"))


def test_a_name_with_a_default_is_converted_also_beside_a_program() -> None:
    assert convert_dollar_variables("${name:Ada} `${a.b} ${c}`").text == "{{name}} `${a.b} ${c}`"


def test_the_first_default_wins_and_the_others_are_told() -> None:
    converted = convert_dollar_variables("${a} ${a:x} ${a:y} ${a: x } ${a:y} ${b:} ${c}")
    assert converted.variables == (Variable("a", default_value='"x"'), Variable("b", default_value='""'))
    assert converted.dropped_defaults == (("a", "y"),)


@pytest.mark.parametrize(
    ("foreign", "legal"),
    [
        ("points clés", "points_cles"),
        ("Brand's core product", "Brand_s_core_product"),
        ("A & B / C", "A_B_C"),
        ("2nd name", "_2nd_name"),
        ("商品名称", "variable"),
        ("ﬁ", "fi"),
        ("-a-", "a"),
        ("x" * 99 + " yz", "x" * 99 + "_"),
    ],
)
def test_a_name_is_made_legal_by_the_stated_rule(foreign: str, legal: str) -> None:
    assert legal_name(foreign) == legal


def test_legal_names_stay_and_two_names_never_become_one() -> None:
    converted = convert_dollar_variables("${a b} ${a_b} ${a-b} ${a  b} ${a b:x} ${商} ${品} {{c_d}} ${c d}")
    assert (
        converted.text == "{{a_b_2}} {{a_b}} {{a-b}} {{a_b_3}} {{a_b_2}} {{variable}} {{variable_2}} {{c_d}} {{c_d_2}}"
    )
    assert converted.renamed[:2] == (("a b", "a_b_2"), ("a  b", "a_b_3"))


def test_numbered_names_stay_within_the_bound() -> None:
    first, second = "x " + "y" * 98, "x-" + "y" * 98
    text = convert_dollar_variables(f"${{{first}}} ${{{first.replace(' ', '  ')[:100]}}} ${{{second}}}").text
    assert all(len(variable.name) <= 100 for variable in content_of(text).variables)


fragments = st.lists(
    st.sampled_from(
        ["$", "{", "{{", "}", "}}", "\\", "${a}", "${a b:x}", "${c:", "${", "a", ".", ":", " ", "${{ a.b }}", "${d.e}"]
    ),
    max_size=16,
).map("".join)


@quick
@given(fragments | st.text())
def test_read_back_all_but_the_variables_is_what_it_was(text: str) -> None:
    assume(not OURS.search(text))
    pieces = parse(convert_dollar_variables(text).text).pieces
    pattern = "".join(re.escape(piece) if isinstance(piece, str) else SOURCE.pattern for piece in pieces)
    assert re.fullmatch(pattern, text)


@quick
@given(st.text(min_size=1))
def test_any_name_becomes_a_legal_one(foreign: str) -> None:
    name = legal_name(foreign)
    assert VARIABLE_PATTERN.fullmatch(name)
    assert len(name) <= 100


@pytest.mark.parametrize("unit", ["${", "${a:", "\\", "\\{{", "${a", "{", "${{ a", "${{ a.", "${a}", "\\\\{{ "])
def test_time_is_linear_in_the_text(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    start = time.process_time()
    convert_dollar_variables(text)
    assert time.process_time() - start < 3


@pytest.mark.skipif(not COLLECTION.exists(), reason="the public collection of prompts is not beside this checkout")
def test_the_public_collection_converts_with_the_figures_that_were_counted_by_hand() -> None:
    csv.field_size_limit(10_000_000)
    with COLLECTION.open(encoding="utf-8", newline="") as file:
        texts = [row["prompt"] for row in csv.DictReader(file)]
    converted = [convert_dollar_variables(text) for text in texts]
    for done in converted:
        content_of(done.text, *done.variables)
    assert sum(done.text != text for done, text in zip(converted, texts, strict=True)) == 331
    assert sum(bool(done.variables) for done in converted) == 174
    assert len({pair for done in converted for pair in done.renamed}) == 29
    assert sum(bool(done.dropped_defaults) for done in converted) == 7
    assert LIMITS.template > max(len(done.text) for done in converted)
