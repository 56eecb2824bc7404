"""A real browser: Debian's Chromium, driven by the scripts in tests/clients. Set-up for tests installs both."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parent / "clients"
NODE, CHROMIUM = shutil.which("node"), shutil.which("chromium")
NEEDS_BROWSER = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(
        not (CLIENTS / "node_modules/playwright-core").is_dir(), reason="needs `npm ci` in tests/clients"
    ),
]


async def browse(script: str, *arguments: str) -> dict[str, Any]:
    """Runs a script with the browser's path and the arguments; answers with the one object that it prints."""
    assert NODE
    assert CHROMIUM
    words = (NODE, script, CHROMIUM, *arguments)
    process = await asyncio.create_subprocess_exec(
        *words, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, errors.decode()
    seen: dict[str, Any] = json.loads(output)
    return seen
