"""What an examination of a version finds in its texts, and what the registry does about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.domain.json_values import JSONObject


class FindingKind(StrEnum):
    """What sort of thing was found. The values are also the index's."""

    SECRET = "secret"
    PERSONAL_DATA = "personal_data"
    SCRIPT = "script"
    HIDDEN_CHARACTERS = "hidden_characters"


class Severity(StrEnum):
    """How much it matters, and how sure the rule is of it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reaction(StrEnum):
    """WARN tells the finding, REDACT covers it in previews as well, REFUSE makes no version that has one."""

    WARN = "warn"
    REDACT = "redact"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Reactions:
    """What is done about each kind of finding."""

    secret: Reaction = Reaction.WARN
    personal_data: Reaction = Reaction.WARN
    script: Reaction = Reaction.WARN
    hidden_characters: Reaction = Reaction.WARN

    def kinds(self, reaction: Reaction) -> frozenset[FindingKind]:
        """The kinds that are met so."""
        return frozenset(kind for kind in FindingKind if getattr(self, kind.value) is reaction)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something lies, and never what it is.

    `path` names the text in the version: `template.text`, `template.chat.<part>.message.content`,
    `variables.<index>.defaultValue` or `.description`, `modelSettings` (as compact JSON) or `changeNote`. Lines and
    columns are from 1; columns and `length` are in Unicode code points.
    """

    kind: FindingKind
    rule: str
    severity: Severity
    path: tuple[str, ...]
    line: int
    column: int
    length: int

    @property
    def part(self) -> int | None:
        """The index of the chat part; None where the text is no part of a chat."""
        return int(self.path[2]) if self.path[:2] == ("template", "chat") else None


@dataclass(frozen=True, slots=True)
class Examination:
    """What the rules of one `checker` found: its number grows with every change to the rules."""

    checker: int
    findings: tuple[Finding, ...]

    @property
    def kinds(self) -> tuple[FindingKind, ...]:
        """The kinds that were found, each once, in their own order."""
        found = {finding.kind for finding in self.findings}
        return tuple(kind for kind in FindingKind if kind in found)


def examination_to_json(examination: Examination) -> JSONObject:
    """`kinds` stands apart for the search index, which projects it as it lies."""
    return {
        "checker": examination.checker,
        "kinds": [kind.value for kind in examination.kinds],
        "findings": [_finding_to_json(finding) for finding in examination.findings],
    }


def _finding_to_json(finding: Finding) -> JSONObject:
    return {
        "kind": finding.kind.value,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": list(finding.path),
        "line": finding.line,
        "column": finding.column,
        "length": finding.length,
    }


def examination_from_json(value: JSONObject) -> Examination:
    """The inverse of `examination_to_json`."""
    return Examination(value["checker"], tuple(_finding_from_json(one) for one in value["findings"]))


def _finding_from_json(value: dict[str, Any]) -> Finding:
    return Finding(
        kind=FindingKind(value["kind"]),
        rule=value["rule"],
        severity=Severity(value["severity"]),
        path=tuple(value["path"]),
        line=value["line"],
        column=value["column"],
        length=value["length"],
    )
