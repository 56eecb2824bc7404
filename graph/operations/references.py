"""References: what `{{> name@label}}` in a template means now, read with the caller's rights."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.domain.actors import Access
from graph.domain.errors import BrokenReferenceError, InvalidInputError
from graph.domain.prompts import LATEST_VERSION, Prompt, PromptVersion, VersionRef
from graph.domain.selectors import readings
from graph.domain.templates import Content
from graph.operations.deps import Deps
from graph.operations.selectors import AnyVersion, find_number
from graph.templating.inclusion import Expanded, Included, Mention, expand, holds_references, mentions_of

UNKNOWN = "there is no such prompt, or no version that answers to this."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a selector means now."""

    prompt: Prompt
    version: PromptVersion


async def expand_version(deps: Deps, access: Access, version: PromptVersion, name: str | None = None) -> Expanded:
    """The version's content with all that it includes; what cannot be included stays and is told in `faults`."""
    return await _expand(deps, access, version.content, version.prompt_id, name)


async def require_expanded(deps: Deps, access: Access, version: PromptVersion, name: str | None = None) -> Expanded:
    """The same, strictly. Raises BrokenReferenceError."""
    return _strictly(await expand_version(deps, access, version, name))


async def expand_draft(deps: Deps, access: Access, content: Content) -> Content:
    """The content of what is not saved, with all that it includes. Raises BrokenReferenceError."""
    return _strictly(await _expand(deps, access, content, None, None)).content


async def check_references(
    deps: Deps, access: Access, content: Content, prompt_id: str | None = None, name: str | None = None
) -> None:
    """Refuses to write what could not be rendered, and what includes an archived prompt. `prompt_id` is its own.

    Raises BrokenReferenceError with the path of the text at fault.
    """
    mentions = mentions_of(content.template)
    if not mentions:
        return
    if name is None and prompt_id is not None:
        own = (await deps.store.prompts.find_many(access, [prompt_id])).get(prompt_id)
        name = own.name if own else None
    _strictly(await _expand(deps, access, content, prompt_id, name), at_template=True)
    meant = await find_meanings(deps, access, [mention.selector for mention in mentions])
    for mention in mentions:
        _refuse_archived(mention, meant.get(mention.selector))


async def find_meanings(deps: Deps, access: Access, selectors: Iterable[str]) -> dict[str, Meaning]:
    """Those of the selectors that mean a version which the caller may see, in two round trips."""
    ways = {text: readings(text) for text in dict.fromkeys(selectors) if len(text) <= 2 * deps.limits.name}
    names = dict.fromkeys(way.name for read in ways.values() for way in read)
    known = await deps.store.prompts.find_named(access, list(names)) if names else {}
    refs: dict[str, tuple[Prompt, VersionRef]] = {}
    for text, read in ways.items():
        way = next((way for way in read if way.name in known), None)
        number = await _number_of(deps, known[way.name], way.version or LATEST_VERSION) if way else None
        if way and number:
            refs[text] = (known[way.name], VersionRef(known[way.name].id, number))
    versions = await deps.store.versions.get_many([ref for _, ref in refs.values()]) if refs else {}
    return {text: Meaning(prompt, versions[ref]) for text, (prompt, ref) in refs.items() if ref in versions}


async def _number_of(deps: Deps, prompt: Prompt, wanted: AnyVersion) -> int | None:
    try:
        return await find_number(deps, prompt, wanted)
    except InvalidInputError:
        return None  # a digest that is cut too short


async def _expand(deps: Deps, access: Access, content: Content, prompt_id: str | None, name: str | None) -> Expanded:
    if not holds_references(content.template):
        return Expanded(content)
    found = await _gather(deps, access, content)
    return expand(name or "this prompt", prompt_id, content, found, deps.limits)


async def _gather(deps: Deps, access: Access, content: Content) -> Mapping[str, Included | str]:
    """What every selector means, on all levels that there may be: one level after the other, each read at once."""
    found: dict[str, Included | str] = {}
    contents: Sequence[Content] = [content]
    for _ in range(deps.limits.reference_depth):
        mentioned = dict.fromkeys(one.selector for each in contents for one in mentions_of(each.template))
        wanted = [selector for selector in mentioned if selector not in found]
        if len(found) + len(wanted) > deps.limits.references:
            room = max(0, deps.limits.references - len(found))  # those that found no room are in `found` too
            why = f"a version includes at most {deps.limits.references} others, over all levels."
            found.update(dict.fromkeys(wanted[room:], why))
            wanted = wanted[:room]
        if not wanted:
            break
        meant = await find_meanings(deps, access, wanted)
        for selector in wanted:
            meaning = meant.get(selector)
            found[selector] = Included(meaning.prompt.name, meaning.version) if meaning else UNKNOWN
        contents = [meaning.version.content for meaning in meant.values()]
    return found


def _strictly(expanded: Expanded, at_template: bool = False) -> Expanded:
    if expanded.faults:
        fault = expanded.faults[0]
        raise BrokenReferenceError(fault.message, fault.selector, fault.mention.path if at_template else None)
    return expanded


def _refuse_archived(mention: Mention, meaning: Meaning | None) -> None:
    if meaning and meaning.prompt.archived_at:
        raise BrokenReferenceError(
            f"{meaning.prompt.name!r} is archived: those that include it still render, but nothing new may include "
            "it. Unarchive it, or include another.",
            mention.selector,
            mention.path,
        )
