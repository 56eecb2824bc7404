"""How LiteLLM names a prompt and a version: the one grammar of every face, its own `name.v7`, and parameters beside."""

import re

from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.prompts import LATEST_VERSION, Prompt, PromptByName, VersionByLabel, VersionByNumber, VersionSelector
from graph.domain.selectors import VersionByDigest, parse_version, readings
from graph.http.face import Call
from graph.operations.prompts import get_prompt
from graph.operations.selectors import Resolved, resolve

DEVELOPMENT = "development"
"""The environment that every prompt is in: that of its latest version. The others are labels."""

_VERSIONED = re.compile(r"(.+)\.v([1-9][0-9]{0,8})", re.DOTALL)
_VERSIONS = ("version", "prompt_version")
_LABELS = ("label", "prompt_label", "environment", "prompt_environment")


async def select(call: Call, prompt_id: str) -> Resolved:
    """The prompt and version that an id and the URL's parameters mean; the latest where neither names one.

    An exact name comes first: `greet.v2` is a prompt of that name where there is one. Raises as `resolve` does.
    """
    wanted = read_version(call)
    try:
        return await resolve(call.deps, call.access, prompt_id, wanted)
    except NotFoundError:
        match = _VERSIONED.fullmatch(prompt_id)
        if match is None or (wanted and wanted != VersionByNumber(int(match[2]))):
            raise
        return await resolve(call.deps, call.access, match[1], VersionByNumber(int(match[2])))


def read_version(call: Call) -> VersionSelector | VersionByDigest | None:
    """The version that the parameters name, by whichever of their names. Raises InvalidInputError for two."""
    given = {name: text for name in (*_VERSIONS, *_LABELS) if (text := call.query(name))}
    read = {_read(name, text) for name, text in given.items()} - {None}
    if len(read) > 1:
        raise InvalidInputError(f"Give one of {', '.join(given)}.", (next(iter(given)),))
    return next(iter(read), None)


def read_environment(environment: str | None) -> str | None:
    """The label that an environment is; None for the latest version's."""
    return None if environment in (None, "", DEVELOPMENT) else environment


def _read(name: str, text: str) -> VersionSelector | VersionByDigest | None:
    if name in _VERSIONS:
        version = parse_version(text)
        if version is None:
            raise InvalidInputError("A version is a number from 1, a label, or `sha256:` and digits.", (name,))
        return version
    if name.endswith("environment") and read_environment(text) is None:
        return LATEST_VERSION
    return VersionByLabel(text)


async def find_prompt(call: Call, prompt_id: str) -> tuple[Prompt, bool]:
    """The prompt of an id, and whether the id names a version of it; an exact name comes first.

    Whether there is that version is not looked at. Raises NotFoundError.
    """
    match = _VERSIONED.fullmatch(prompt_id)
    ways = [(reading.name, reading.version is not None) for reading in readings(prompt_id)]
    for name, is_version in (*ways, *([(match[1], True)] if match else [])):
        if prompt := await get_prompt(call.deps, call.access, PromptByName(name)):
            return prompt, is_version
    raise NotFoundError(f"Prompt with ID {prompt_id} not found")


async def name_to_write(call: Call, prompt_id: str) -> str:
    """The name under which a version is published: that of the prompt which the id names, or of one to be made."""
    try:
        return (await find_prompt(call, prompt_id))[0].name
    except NotFoundError:
        match = _VERSIONED.fullmatch(prompt_id)
        return match[1] if match else prompt_id
