"""Every snippet runs as it is, whatever the prompt is called and its values are."""

import asyncio
import json
import shutil
import sys
import uuid
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import ModelSettings, TextTemplate, Variable, VariableType
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt
from tests.faces.conftest import Registry
from tests.faces.environments import client_python

CLIENTS = Path(__file__).parents[1] / "clients"
READ = (
    "query($n: String!, $l: SnippetLanguage!) { prompt(by: {name: $n}) { latestVersion { snippets(language: $l) } } }"
)
DEFAULT = "\"quo'ted\\\\ $(id) `id` {{b}} \\n 'zwei' \U0001f600 ${x}\""
SAID = "quo'ted\\ $(id) `id` {{b}} \n 'zwei' \U0001f600 ${x}"
NAME = 'it\'s "a" \\ $HOME `id` $(id) é\U0001f600 %s {x} </script> '


async def run(*command: str, given: str | None, key: str, seconds: float = 90.0) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={"PROMPTGRAPH_API_KEY": key, "PATH": "/usr/bin:/bin", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        cwd=CLIENTS,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate((given or "").encode()), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()[-3000:]
    return output.decode()


def command_of(language: str) -> list[str]:
    """What runs a snippet from its standard input."""
    if language in ("CURL", "GRAPHQL"):
        shell = shutil.which("bash")
        if shell is None or not shutil.which("curl"):
            pytest.skip("needs bash and curl")
        return [shell]
    if language == "JAVASCRIPT":
        node = shutil.which("node")
        if node is None or not (CLIENTS / "node_modules/openai").is_dir():
            pytest.skip("needs Node.js and `npm ci` in tests/clients")
        return [node, "--input-type=module", "-"]
    if language == "PYTHON":
        return [sys.executable, "-"]
    return [str(client_python({"LITELLM": "litellm", "LANGFUSE": "langfuse_5"}[language])), "-"]


@pytest.mark.parametrize("language", ["CURL", "PYTHON", "JAVASCRIPT", "GRAPHQL", "LITELLM", "LANGFUSE"])
async def test_it_runs_as_it_is(faces: Registry, language: str) -> None:
    command = command_of(language)
    name = f"{uuid.uuid4().hex}/{NAME.strip()}"
    variables = (
        Variable("text", default_value=DEFAULT),
        Variable("a.b-c"),
        Variable("number", VariableType.NUMBER, default_value="1.5"),
        Variable("__proto__", default_value='"kept"'),
        Variable("flag", VariableType.BOOLEAN, default_value="true"),
    )
    template = TextTemplate("<{{text}}|{{a.b-c}}|{{number}}|{{__proto__}}>{{flag}}")
    version = VersionDraft(template, variables, ModelSettings("echo"))
    await create_prompt(faces.deps, LOCAL_ACCESS, PromptDraft(name, version))
    told = await faces.graphql(READ, n=name, l=language)
    code = told["prompt"]["latestVersion"]["snippets"]
    assert faces.key not in code
    output = await run(*command, given=code, key=faces.key)
    expected = f"<{SAID}|example|1.5|kept>"
    # What curl prints is JSON.
    assert expected in output or json.dumps(expected, ensure_ascii=False)[1:-1] in output
