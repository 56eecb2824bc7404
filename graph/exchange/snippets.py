"""Code that calls one version of a prompt, ready to be run: the key comes from the environment's PROMPTGRAPH_API_KEY.

Nothing of a prompt is put into code but as a literal of its language: JSON is one of JavaScript's too, `repr` writes
Python's, and a shell gets one quoted word.
"""

import json
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.domain.templates import TemplateKind, Variable, VariableType

_EXAMPLES: dict[VariableType, Any] = {
    VariableType.STRING: "example",
    VariableType.NUMBER: 1,
    VariableType.BOOLEAN: True,
    VariableType.JSON: {},
    VariableType.MESSAGES: [{"role": "user", "content": "Hello"}],
}
_RENDER = """mutation Render($input: PromptRenderInput!) {
  promptRender(input: $input) {
    rendering { content {
      ... on RenderedText { text }
      ... on RenderedChat { messages { role content } }
    } }
    errors { ... on UserError { message path } }
  }
}"""


class SnippetLanguage(StrEnum):
    """What the code is written in, or for whose client."""

    CURL = "curl"
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    GRAPHQL = "graphql"
    LITELLM = "litellm"
    LANGFUSE = "langfuse"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is called: a version of a prompt on the server at `url`, and what it needs; `model` is who answers."""

    url: str
    name: str
    number: int
    kind: TemplateKind
    variables: tuple[Variable, ...]
    model: str

    @property
    def values(self) -> dict[str, Any]:
        """An example for each variable: its default where it has one."""
        return {variable.name: _example(variable) for variable in self.variables}

    @property
    def fields(self) -> dict[str, Any]:
        """What the gateway takes beside OpenAI's own."""
        return {"prompt_id": self.name, "prompt_version": self.number, "prompt_variables": self.values}


def _example(variable: Variable) -> Any:
    if variable.default_value is not None:
        return json.loads(variable.default_value)
    return _EXAMPLES[variable.type]


def write_snippet(language: SnippetLanguage, subject: Subject) -> str:
    """The code, with a line break at its end."""
    writers = {
        SnippetLanguage.CURL: _write_curl,
        SnippetLanguage.PYTHON: _write_python,
        SnippetLanguage.JAVASCRIPT: _write_javascript,
        SnippetLanguage.GRAPHQL: _write_graphql,
        SnippetLanguage.LITELLM: _write_litellm,
        SnippetLanguage.LANGFUSE: _write_langfuse,
    }
    return writers[language](subject)


def _write_curl(subject: Subject) -> str:
    return _post(f"{subject.url}/v1/chat/completions", {"messages": [], **subject.fields})


def _write_graphql(subject: Subject) -> str:
    asked = {"prompt": {"name": subject.name}, "version": {"number": subject.number}, "variables": subject.values}
    return _post(f"{subject.url}/graphql", {"query": _RENDER, "variables": {"input": asked}})


def _post(url: str, body: dict[str, Any]) -> str:
    return (
        f"curl -sS {shlex.quote(url)} \\\n"
        '  -H "Authorization: Bearer $PROMPTGRAPH_API_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data-raw {shlex.quote(json.dumps(body))}\n"
    )


def _write_python(subject: Subject) -> str:
    return f"""import os

from openai import OpenAI

client = OpenAI(base_url={subject.url + "/v1"!r}, api_key=os.environ["PROMPTGRAPH_API_KEY"])
answer = client.chat.completions.create(
    model="",  # the prompt's own
    messages=[],  # come after the prompt's
    extra_body={subject.fields!r},
)
print(answer.choices[0].message.content)
"""


def _write_javascript(subject: Subject) -> str:
    # A key of this name would be the object's prototype; in brackets it is a key like any other.
    fields = json.dumps(subject.fields, indent=2).replace('"__proto__":', '["__proto__"]:')
    return f"""import OpenAI from "openai";

const prompt = {fields};
const client = new OpenAI({{ baseURL: {json.dumps(subject.url + "/v1")}, apiKey: process.env.PROMPTGRAPH_API_KEY }});
const answer = await client.chat.completions.create({{ model: "", messages: [], ...prompt }});
console.log(answer.choices[0].message.content);
"""


def _write_litellm(subject: Subject) -> str:
    return f"""import os

import litellm

answer = litellm.completion(
    model={"openai/" + subject.model!r},
    messages=[],  # come after the prompt's
    api_base={subject.url + "/v1"!r},
    api_key=os.environ["PROMPTGRAPH_API_KEY"],
    extra_body={subject.fields!r},
)
print(answer.choices[0].message.content)
"""


def _write_langfuse(subject: Subject) -> str:
    return f"""import os

os.environ["LANGFUSE_TRACING_ENABLED"] = "false"  # no traces are kept here

from langfuse import Langfuse

client = Langfuse(public_key="any", secret_key=os.environ["PROMPTGRAPH_API_KEY"], base_url={subject.url!r})
prompt = client.get_prompt({subject.name!r}, version={subject.number}, type={subject.kind.value!r})
print(prompt.compile(**{subject.values!r}))
"""
