"""Other people's clients, each in an environment of its own, because their pins quarrel with each other.

`tests/faces/NAME/requirements.in` says what is wanted, `scripts/lock` makes the lock beside it, and
`scripts/setup --tests` the environment `.venv-faces/NAME`. A test runs a script of that folder in it:

    answer = await run_client("litellm", "complete.py", url, key)

The script takes its arguments from `sys.argv` and prints one JSON value, which is what the test looks at. Where
the environment could not be made, the test is skipped and says so.
"""

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

FACES = Path(__file__).parent
ENVIRONMENTS = FACES.parents[1] / ".venv-faces"
SECONDS = 90.0  # an import of the largest takes ten on a busy machine


def client_python(name: str) -> Path:
    """The environment's Python. Skips the test where there is none."""
    environment = ENVIRONMENTS / name
    if not (environment / ".promptgraph").is_file():
        pytest.skip(f"needs .venv-faces/{name}, which `scripts/setup --tests` makes from tests/faces/{name}")
    return environment / "bin" / "python"


async def run_client(
    name: str, script: str, *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Any:
    """What the script prints, read as JSON. Fails the test with what the script said when it did not end well."""
    process = await asyncio.create_subprocess_exec(
        str(client_python(name)),
        str(FACES / name / script),
        *arguments,
        stdout=PIPE,
        stderr=PIPE,
        env={**_plain_environment(), **(environment or {})},
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()[-4000:]
    return json.loads(output)


def _plain_environment() -> dict[str, str]:
    """This process's own, without what could send a client elsewhere: proxies, keys, other people's addresses."""
    foreign = ("OPENAI_", "LITELLM_", "LANGFUSE_", "PROMPTGRAPH_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
