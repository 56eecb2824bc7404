"""LiteLLM's own `/prompts`: its environments are labels, and `development` is the latest version."""

from aiohttp import web

from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.paging import PageRequest
from graph.domain.prompts import Prompt, PromptByName, PromptVersion, VersionRef
from graph.domain.queries import PromptFilter
from graph.http import plain
from graph.http.errors import json_response
from graph.http.face import Act, Call
from graph.http.litellm.reading import read_prompt
from graph.http.litellm.selection import DEVELOPMENT, find_prompt, name_to_write, read_environment, select
from graph.http.litellm.specs import write_entry, write_environments, write_raw_template, write_spec
from graph.operations.labels import remove_label
from graph.operations.prompts import BY_NAME, count_prompts, delete_prompt, get_prompt, list_prompts
from graph.operations.publishing import check_labels, publish, set_labels
from graph.operations.versions import get_versions


async def list_all(call: Call) -> web.Response:
    """One line for each prompt and environment, by name. Paged by `page` and `page_size`; texts come with `info`."""
    environment = call.query("environment")
    label = read_environment(environment)
    where = PromptFilter(labels=(label,) if label else None)
    page, size = call.page("page_size")
    found = await list_prompts(call.deps, call.access, where, BY_NAME, PageRequest(size, skip=(page - 1) * size))
    total = await count_prompts(call.deps, call.access, where)
    lines = [
        (prompt, name, VersionRef(prompt.id, _number(prompt, name)))
        for prompt in found.items
        for name in ([environment] if environment else write_environments(prompt))
    ]
    versions = await get_versions(call.deps, [ref for _, _, ref in lines])
    told = [write_entry(prompt, versions[ref], name) for prompt, name, ref in lines if ref in versions]
    return json_response({"prompts": told, "page": page, "page_size": size, "total_count": total})


def unless_named(ending: str, act: Act) -> Act:
    """`GET /prompts/{name}` is plain JSON of a prompt, so a prompt that is called `…/info` comes before LiteLLM's."""

    async def look_first(call: Call) -> web.StreamResponse:
        name = call.request.match_info["name"] + ending
        if await get_prompt(call.deps, call.access, PromptByName(name)):
            return await plain.answer(call.request, call.deps, call.access, name)
        return await act(call)

    return look_first


async def tell_info(call: Call) -> web.Response:
    """One version, with its text and the environments that the prompt is in."""
    found = await select(call, call.request.match_info["name"])
    prompt, version = found.prompt, found.version
    return json_response(
        {
            "prompt_spec": write_spec(prompt, version, found.label or DEVELOPMENT),
            "raw_prompt_template": write_raw_template(version, prompt),
            "environments": write_environments(prompt),
        }
    )


async def list_versions(call: Call) -> web.Response:
    """The versions, newest first, with their texts; paged by `page` and `page_size`. Of an environment, its one."""
    prompt, _ = await find_prompt(call, call.request.match_info["name"])
    environment = call.query("environment")
    page, size = call.page("page_size")
    newest = prompt.latest - (page - 1) * size
    numbers = range(newest, max(0, newest - size), -1)
    if label := read_environment(environment):
        held = prompt.labels.get(label)
        numbers = range(held.version, held.version - 1, -1) if held else range(0)
    refs = [VersionRef(prompt.id, number) for number in numbers if number >= 1]
    versions = await get_versions(call.deps, refs)
    if not versions:
        raise NotFoundError(f"No versions found for prompt ID {prompt.name}")
    told = _write_bounded(call, prompt, [versions[ref] for ref in refs if ref in versions], environment)
    return json_response({"prompts": told, "page": page, "page_size": size, "total_count": prompt.latest})


async def create(call: Call) -> web.Response:
    """A version of a prompt that may be new."""
    given = read_prompt(await call.json())
    if given.prompt_id is None or given.draft is None:
        raise InvalidInputError("A prompt has a `prompt_id` and `litellm_params`.", ("prompt_id",))
    name = await name_to_write(call, given.prompt_id)
    labels = (given.label,) if given.label else ()
    done = await publish(call.deps, call.access, name, given.draft, labels=labels)
    return _answer(done.prompt, done.version, given.label)


async def update(call: Call) -> web.Response:
    """A version of a prompt that is there. Labels stay where they are but for the environment that is named."""
    given = read_prompt(await call.json())
    prompt, _ = await find_prompt(call, call.request.match_info["name"])
    if given.draft is None:
        raise InvalidInputError("This is missing.", ("litellm_params",))
    labels = (given.label,) if given.label else ()
    done = await publish(call.deps, call.access, prompt.name, given.draft, labels=labels)
    return _answer(done.prompt, done.version, given.label)


async def patch(call: Call) -> web.Response:
    """What LiteLLM rewrites in place is a new version here; without a text, only the environment moves."""
    given = read_prompt(await call.json())
    label = given.label or read_environment(call.query("environment"))
    if given.draft is None:
        labels = await check_labels(call.deps, call.access, (label,) if label else ())
        found = await select(call, call.request.match_info["name"])
        prompt = await set_labels(call.deps, call.access, found.prompt, found.version.number, labels)
        return _answer(prompt, found.version, label)
    prompt, _ = await find_prompt(call, call.request.match_info["name"])
    labels = (label,) if label else ()
    done = await publish(call.deps, call.access, prompt.name, given.draft, labels=labels)
    return _answer(done.prompt, done.version, label)


async def delete(call: Call) -> web.Response:
    """The whole prompt; of an environment, only its label. One version cannot go."""
    prompt, is_version = await find_prompt(call, call.request.match_info["name"])
    if is_version or call.query("environment") == DEVELOPMENT:
        raise InvalidInputError(
            "Versions are immutable and stay as long as their prompt. Name the prompt alone to delete it with all."
        )
    if label := read_environment(call.query("environment")):
        await remove_label(call.deps, call.access, prompt.id, label)
        return json_response({"message": f"Prompt {prompt.name} is no longer in {label}"})
    await delete_prompt(call.deps, call.access, prompt.id, prompt.name)
    return json_response({"message": f"Prompt {prompt.name} deleted successfully"})


def _answer(prompt: Prompt, version: PromptVersion, label: str | None) -> web.Response:
    versioned = f"{prompt.name}.v{version.number}"
    return json_response(write_spec(prompt, version, label or DEVELOPMENT, versioned))


def _number(prompt: Prompt, environment: str) -> int:
    label = read_environment(environment)
    return prompt.labels[label].version if label else prompt.latest


def _write_bounded(
    call: Call, prompt: Prompt, versions: list[PromptVersion], environment: str | None
) -> list[dict[str, object]]:
    """With their texts, as long as there is room for them in one answer."""
    told, left = [], call.limits.answer_characters // 4
    for version in versions:
        spec = write_spec(prompt, version, environment or DEVELOPMENT)
        left -= len(str(spec["litellm_params"]["messages"]))
        told.append(spec if left >= 0 else write_entry(prompt, version, environment or DEVELOPMENT))
    return told
