"""Whatever a prompt is called and its values are, the code says exactly that."""

import ast
import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.templates import TemplateKind, Variable
from graph.exchange.snippets import SnippetLanguage, Subject, write_snippet

HARD = st.lists(
    st.sampled_from(["'", '"', "\\", "\n", "`", "$(id)", "${x}", "{x}", "\u2028", "\U0001f600", "%s", "//", "#"])
    | st.text(max_size=3)
).map("".join)
SUBJECTS = st.builds(
    lambda name, value, url: Subject(
        f"http://{url}", name, 7, TemplateKind.TEXT, (Variable("x.y-z", default_value=json.dumps(value)),), "m"
    ),
    HARD,
    HARD,
    HARD,
)


def proto_subject(value: str) -> Subject:
    """One whose variable has the name of what every object of JavaScript has."""
    return Subject("http://h", "n", 1, TemplateKind.TEXT, (Variable("__proto__", default_value=value),), "m")


def literals(code: str) -> list[Any]:
    """The values of all of a Python program's dictionaries and texts."""
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Dict | ast.Constant)]
    return [ast.literal_eval(node) for node in found]


@given(SUBJECTS)
def test_a_shell_reads_the_body_as_one_word(subject: Subject) -> None:
    for language in (SnippetLanguage.CURL, SnippetLanguage.GRAPHQL):
        words = shlex.split(write_snippet(language, subject))
        assert words[2].startswith(subject.url)
        body = json.loads(words[-1])
        if language is SnippetLanguage.CURL:
            assert body == {"messages": [], **subject.fields}
        else:
            asked = body["variables"]["input"]
            assert (asked["prompt"]["name"], asked["variables"]) == (subject.name, subject.values)


@pytest.mark.parametrize("language", [SnippetLanguage.PYTHON, SnippetLanguage.LITELLM, SnippetLanguage.LANGFUSE])
@given(SUBJECTS)
def test_python_reads_the_same_values(language: SnippetLanguage, subject: Subject) -> None:
    found = literals(write_snippet(language, subject))
    if language is SnippetLanguage.LANGFUSE:
        assert subject.name in found
        assert subject.values in found
    else:
        assert subject.fields in found


@given(SUBJECTS)
def test_javascript_has_it_as_json(subject: Subject) -> None:
    code = write_snippet(SnippetLanguage.JAVASCRIPT, subject)
    start = code.index("const prompt = ") + len("const prompt = ")
    plain = code[start:].replace('["__proto__"]:', '"__proto__":')
    fields, _ = json.JSONDecoder().raw_decode(plain)
    assert fields == subject.fields
    assert code.isascii()


@pytest.mark.parametrize("value", ['"a"', '{"__proto__": {"b": "\\"__proto__\\":"}}'])
def test_javascript_keeps_a_variable_that_is_called_as_its_prototype(value: str) -> None:
    code = write_snippet(SnippetLanguage.JAVASCRIPT, proto_subject(value))
    assert code.count('["__proto__"]:') == value.count('"__proto__": ') + 1
    assert '\n    "__proto__"' not in code
