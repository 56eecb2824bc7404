"""npm's `@langfuse/client` against the server: `npm ci` in tests/clients installs it."""

import asyncio
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.faces.conftest import Registry

CLIENTS = Path(__file__).parents[1] / "clients"
NODE = shutil.which("node")
SECONDS = 60.0

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(not (CLIENTS / "node_modules/@langfuse").is_dir(), reason="needs `npm ci` in tests/clients"),
]


@pytest.fixture(scope="module")
async def told(faces: Registry) -> dict[str, Any]:
    """What the script tells of its calls."""
    assert NODE
    folder = f"js/{uuid.uuid4().hex}"
    process = await asyncio.create_subprocess_exec(
        NODE, "langfuse.mjs", faces.url, faces.key, folder, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, errors.decode()[-4000:]
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told


def test_a_text_is_made_and_read_in_every_way(told: dict[str, Any]) -> None:
    made = told["created"]
    assert (made["version"], made["labels"], made["tags"]) == (1, ["production", "latest"], ["js"])
    assert made["config"] == {"temperature": 0.5}
    assert told["byDefault"]["prompt"] == "Hello {{name}} & {{ other }}"
    assert told["byVersion"]["prompt"] == told["byLabel"]["prompt"] == told["second"]["prompt"] == "Bye {{name}}"
    assert told["compiled"] == "Hello <Ada> & {{name}}"


def test_labels_move(told: dict[str, Any]) -> None:
    assert (told["moved"]["version"], told["moved"]["labels"]) == (2, ["production", "latest"])
    assert told["list"][:2] == [[1, 2], ["production", "latest"]]
    assert told["list"][2]["totalItems"] == 1


def test_a_chat_keeps_its_roles_and_placeholders(told: dict[str, Any]) -> None:
    kinds = [(part.get("type"), part.get("role"), part.get("name")) for part in told["chat"]["prompt"]]
    assert kinds == [("chatmessage", "system", None), ("placeholder", None, "history"), ("chatmessage", "user", None)]
    assert [(message["role"], message["content"]) for message in told["filled"]] == [
        ("system", "You are Ada."),
        ("user", "Hi"),
        ("user", "Role: system"),
    ]


def test_what_is_missing_is_told_and_the_fallback_used(told: dict[str, Any]) -> None:
    assert (told["fallback"]["isFallback"], told["fallback"]["prompt"]) == (True, "Hello {{name}}")
    assert told["missing"]
    assert told["deleted"]


def test_names_may_hold_what_a_url_writes_otherwise(told: dict[str, Any]) -> None:
    assert told["odd"] == [True] * 6


def test_what_is_refused_is_told_and_scores_that_nobody_keeps_stop_nothing(told: dict[str, Any]) -> None:
    assert told["refused"] == [[400, "BAD_USER_INPUT"], [400, "BAD_USER_INPUT"], [400, "BROKEN_REFERENCE"]]
