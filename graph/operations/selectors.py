"""From a selector, as every face writes it, to the prompt and the version that it means now."""

from typing import NamedTuple

from graph.domain.actors import Access, Scope
from graph.domain.denials import ForbiddenError
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.json_values import text_fault
from graph.domain.prompts import (
    LATEST_VERSION,
    Prompt,
    PromptVersion,
    VersionByLabel,
    VersionByNumber,
    VersionRef,
    VersionSelector,
    select_number,
)
from graph.domain.selectors import Reading, VersionByDigest, readings
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps

AnyVersion = VersionSelector | VersionByDigest

_LONGEST_SUFFIX = len("@sha256:") + 64


class Resolved(NamedTuple):
    """What a selector means now. `label` is the one that it named; None when it named a number, a digest or none."""

    prompt: Prompt
    version: PromptVersion
    label: str | None


async def resolve(
    deps: Deps,
    access: Access,
    text: str,
    version: AnyVersion | None = None,
    default: VersionSelector = LATEST_VERSION,
) -> Resolved:
    """The prompt and version that the text means: an exact name comes first, then `name@…`.

    `version` is one that was given beside the text; `default` holds where neither names one. Raises NotFoundError
    when the caller sees nothing that answers, ForbiddenError for a key that may see no prompt at all, and
    InvalidInputError for two versions or a digest cut too short.
    """
    prompt, reading = await _find(deps, access, text)
    if version and reading.version and version != reading.version:
        raise InvalidInputError(
            "The prompt is named with one version and asked for in another. Give one.", ("version",)
        )
    wanted = version or reading.version or default
    number = await find_number(deps, prompt, wanted)
    ref = VersionRef(prompt.id, number) if number else None
    found = (await deps.store.versions.get_many([ref])).get(ref) if ref else None
    if found is None:
        raise NotFoundError(_say_missing(prompt, wanted), ("version",))
    label = wanted.label if isinstance(wanted, VersionByLabel) and wanted is not default else None
    return Resolved(prompt, found, label)


def _say_missing(prompt: Prompt, wanted: AnyVersion) -> str:
    if isinstance(wanted, VersionByNumber):
        return f"The prompt has no version {wanted.number}: its latest is {prompt.latest}."
    if isinstance(wanted, VersionByLabel):
        return f"The prompt has no label {wanted.label!r}. Set it on a version, or leave it out for the latest."
    return "No version of the prompt has a digest that begins so."


async def _find(deps: Deps, access: Access, text: str) -> tuple[Prompt, Reading]:
    if len(text) <= deps.limits.name + _LONGEST_SUFFIX and not text_fault(text):
        ways = readings(text)
        found = await deps.store.prompts.find_named(access, [reading.name for reading in ways])
        for reading in ways:
            if reading.name in found:
                return found[reading.name], reading
    if access.actor and not access.has(Scope.PROMPTS_READ):
        raise ForbiddenError(Scope.PROMPTS_READ.value)  # the key's own fault, whether there is such a prompt or not
    raise NotFoundError("There is no such prompt.", ("prompt",))


async def refuse_selector(deps: Deps, name: str) -> None:
    """Raises InvalidInputError when a new prompt's name is a selector of a prompt that is there.

    An exact name comes first, so it would answer in place of a version, which never changes, and of a protected label.
    """
    others = [reading.name for reading in readings(name) if reading.version]
    if others and await deps.store.prompts.find_named(LOCAL_ACCESS, others):
        raise InvalidInputError(
            f"This name means a version of the prompt {others[0]!r}. Choose one whose last `@` is not followed by "
            "a number, a label or a digest.",
            ("name",),
        )


async def find_number(deps: Deps, prompt: Prompt, wanted: AnyVersion) -> int | None:
    """The number of the version that is wanted, or None. Raises InvalidInputError for a digest cut too short."""
    if not isinstance(wanted, VersionByDigest):
        return select_number(prompt, wanted)
    found = await deps.store.versions.find_digests(prompt.id, wanted.prefix)
    if len(found) > 1:
        raise InvalidInputError("Several versions have a digest that starts so. Give more of it.", ("version",))
    return next(iter(found.values()), None)
