"""Content checks: every version is examined when it is made, on whatever road, and what is found is kept with it."""

from collections.abc import Collection
from dataclasses import replace

from graph.checks.examiner import CHECKER, examine
from graph.domain.errors import InvalidInputError
from graph.domain.findings import Examination, Finding, FindingKind, Reaction
from graph.domain.names import Path
from graph.domain.prompts import PromptVersion, VersionDraft
from graph.domain.templates import Content
from graph.operations.deps import Deps

_NAMES = {
    FindingKind.SECRET: "a secret",
    FindingKind.PERSONAL_DATA: "personal data",
    FindingKind.SCRIPT: "a script",
    FindingKind.HIDDEN_CHARACTERS: "hidden characters",
}
TOLD = 5


def examine_draft(deps: Deps, draft: VersionDraft, content: Content, change_note: str | None) -> Examination:
    """What is found in a version that is to be made. Raises InvalidInputError for what the settings refuse."""
    examination = examine(content, change_note, deps.limits.findings)
    refused = deps.reactions.kinds(Reaction.REFUSE)
    for finding in examination.findings:
        if finding.kind in refused:
            raise InvalidInputError(
                f"{describe(finding)} This registry takes no version with {_NAMES[finding.kind]}: take it out.",
                _path_in(draft, content, finding),
            )
    return examination


def findings_of(deps: Deps, version: PromptVersion) -> tuple[Finding, ...]:
    """What is found in a version by today's rules: kept where they were the same when it was made, else found now."""
    kept = version.examination
    if kept is None or kept.checker < CHECKER:
        kept = examine(version.content, version.change_note, deps.limits.findings)
    return kept.findings


def find_shown(
    deps: Deps, content: Content, kinds: Collection[FindingKind], values: Collection[str]
) -> tuple[Finding, ...]:
    """What of these kinds a rendering with `values` would show: what is in the template and in the defaults in use.

    The content has what it includes in place, and so have the findings their places.
    """
    # What is not shown is left out beforehand: only the first of a kind are told, and it would come before others.
    variables = tuple(
        replace(one, description=None, default_value=None if one.name in values else one.default_value)
        for one in content.variables
    )
    shown = replace(content, variables=variables, model_settings=None)
    found = examine(shown, None, deps.limits.findings).findings
    return tuple(one for one in found if one.kind in kinds)


def describe(finding: Finding) -> str:
    """A sentence that tells what was found and where, and nothing of the thing itself."""
    return (
        f"At line {finding.line}, column {finding.column} there is what looks like {_NAMES[finding.kind]} "
        f"({finding.rule})."
    )


def notes_on(version: PromptVersion) -> tuple[str, ...]:
    """What was found in a version that was just made, in sentences, for imports that tell it line by line."""
    findings = version.examination.findings if version.examination else ()
    notes = tuple(f"Version {version.number}, {'.'.join(one.path)}: {describe(one)}" for one in findings[:TOLD])
    more = len(findings) - len(notes)
    return (*notes, f"Version {version.number} has {more} findings more.") if more else notes


def _path_in(draft: VersionDraft, content: Content, finding: Finding) -> Path:
    """The finding's path as the draft has it, which may declare the variables in another order."""
    field, *rest = finding.path
    if field != "variables":
        return finding.path
    name = content.variables[int(rest[0])].name
    index = next(place for place, variable in enumerate(draft.variables) if variable.name == name)
    return (field, str(index), *rest[1:])
