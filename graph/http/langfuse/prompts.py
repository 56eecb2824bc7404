"""Langfuse's five calls about prompts."""

from datetime import datetime
from typing import NoReturn

from aiohttp import web

from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.paging import PageRequest
from graph.domain.prompts import LATEST, Prompt, PromptByName, VersionByLabel, VersionByNumber, VersionRef
from graph.domain.queries import PromptFilter
from graph.exchange.shapes import read_time
from graph.http.errors import json_response
from graph.http.etags import with_etag
from graph.http.face import Call
from graph.http.langfuse.answers import write_summary, write_version
from graph.http.langfuse.reading import PRODUCTION, in_their_words, read_new_labels, read_new_version
from graph.operations.prompts import BY_NAME, count_prompts, delete_prompt, get_prompt, list_prompts
from graph.operations.publishing import check_labels, publish, set_labels
from graph.operations.references import require_expanded
from graph.operations.selectors import resolve
from graph.operations.versions import get_versions

MOST = 999_999_999
DEFAULT_PAGE = 10


async def get(call: Call) -> web.Response:
    """One version: `production` where none is asked for."""
    name = call.request.match_info["name"]
    version, label = _asked_version(call)
    is_resolved = call.flag("resolve", default=True)
    wanted = VersionByNumber(version) if version else VersionByLabel(label) if label else None
    try:
        found = await resolve(call.deps, call.access, name, wanted, default=VersionByLabel(PRODUCTION))
    except NotFoundError:
        _refuse_unknown(name, version, label)
    expanded = None
    if is_resolved:
        expanded = await require_expanded(call.deps, call.access, found.version, found.prompt.name)
    return with_etag(call.request, json_response(write_version(found.prompt, found.version, expanded)))


async def create(call: Call) -> web.Response:
    """A version of a prompt that may be new. Equal content is no new version, so a retry is safe."""
    new = read_new_version(await call.json())
    with in_their_words():
        # Langfuse's clients ask for a text or a chat by name, so here a prompt stays what it is.
        done = await publish(call.deps, call.access, new.name, new.draft, new.tags, new.labels, keeps_kind=True)
    return json_response(write_version(done.prompt, done.version), 201)


async def add_labels(call: Call) -> web.Response:
    """Points labels at a version, away from any other; those that it has stay."""
    name, number = call.request.match_info["name"], _read_number(call.request.match_info["version"])
    given = read_new_labels(await call.json())
    with in_their_words("newLabels"):
        labels = await check_labels(call.deps, call.access, given)
    prompt = await _require(call, name)
    ref = VersionRef(prompt.id, number)
    version = (await get_versions(call.deps, (ref,))).get(ref)
    if version is None:
        _refuse_unknown(name, number, None)
    with in_their_words("newLabels"):
        prompt = await set_labels(call.deps, call.access, prompt, number, labels)
    return json_response(write_version(prompt, version))


async def delete(call: Call) -> web.Response:
    """The whole prompt. One version cannot go: programs and people rely on its number."""
    name = call.request.match_info["name"]
    if any(_asked_version(call)):
        raise InvalidInputError(
            "Versions are immutable and stay as long as their prompt. Leave `version` and `label` out to delete the "
            "prompt with all of them."
        )
    prompt = await _require(call, name)
    await delete_prompt(call.deps, call.access, prompt.id, prompt.name)
    return web.Response(status=204)


async def list_all(call: Call) -> web.Response:
    """A page of prompts by name, narrowed by any of Langfuse's filters."""
    page, size = call.page("limit", DEFAULT_PAGE)
    where = _read_filter(call)
    prompts = await list_prompts(call.deps, call.access, where, BY_NAME, PageRequest(size, skip=(page - 1) * size))
    total = await count_prompts(call.deps, call.access, where)
    meta = {"page": page, "limit": size, "totalItems": total, "totalPages": -(-total // size)}
    return json_response({"data": await _write_summaries(call, prompts.items), "meta": meta, "pagination": meta})


def _read_filter(call: Call) -> PromptFilter:
    name, tag, label = call.query("name"), call.query("tag"), call.query("label")
    number = call.whole("version", 0, MOST) or None
    return PromptFilter(
        names=(name,) if name else None,
        tags=(tag,) if tag else None,
        labels=(label,) if label and label != LATEST else None,
        number=number,
        latest=number if label == LATEST else None,
        updated_from=_read_time(call, "fromUpdatedAt"),
        updated_before=_read_time(call, "toUpdatedAt"),
    )


async def _write_summaries(call: Call, prompts: tuple[Prompt, ...]) -> list[dict[str, object]]:
    shown = {prompt.id: _shown_versions(call, prompt) for prompt in prompts}
    refs = {prompt.id: VersionRef(prompt.id, shown[prompt.id][-1]) for prompt in prompts if shown[prompt.id]}
    newest = await get_versions(call.deps, list(refs.values()))
    return [
        write_summary(prompt, shown[prompt.id], newest[refs[prompt.id]])
        for prompt in prompts
        if refs.get(prompt.id) in newest
    ]


def _shown_versions(call: Call, prompt: Prompt) -> list[int]:
    """The numbers of those versions that the filter means: one, or all of them."""
    version, label = call.whole("version", 0, MOST), call.query("label")
    held = prompt.labels.get(label) if label else None
    labelled = held.version if held else prompt.latest if label == LATEST else None
    if version and labelled and version != labelled:
        return []
    return [version or labelled or 0] if version or labelled else list(range(1, prompt.latest + 1))


def _asked_version(call: Call) -> tuple[int, str | None]:
    version, label = call.whole("version", 0, MOST), call.query("label")
    if version and label:
        raise InvalidInputError("Cannot specify both version and label")
    return version, label


async def _require(call: Call, name: str) -> Prompt:
    prompt = await get_prompt(call.deps, call.access, PromptByName(name))
    if prompt is None:
        raise NotFoundError(f"Prompt not found: {name!r}")
    return prompt


def _refuse_unknown(name: str, version: int, label: str | None) -> NoReturn:
    which = f"version {version}" if version else f"label {label or PRODUCTION!r}"
    if not version and not label:
        which += ", which is meant where no label or version is named"
    raise NotFoundError(f"Prompt not found: {name!r} with {which}") from None


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or not 1 <= int(text) <= MOST:
        raise InvalidInputError("A version is a whole number from 1.", ("version",))
    return int(text)


def _read_time(call: Call, name: str) -> datetime | None:
    text = call.query(name)
    return read_time(text, (name,)) if text else None
