"""What content checks find in a version."""

from typing import Self

import strawberry
from strawberry import Private

from graph.domain import findings as domain
from graph.domain import prompts as prompt_domain
from graph.domain.findings import FindingKind, Severity
from graph.operations.examinations import findings_of
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.types.enums import publish

publish(
    FindingKind,
    "What content checks look for.",
    SECRET="Keys, tokens and passwords, by their form or by what they are called.",
    PERSONAL_DATA="E-mail addresses, telephone numbers, card numbers and IBANs.",
    SCRIPT="Tags, event handlers and URLs that a browser would run.",
    HIDDEN_CHARACTERS="Characters that nobody sees, or that change the order in which others are seen.",
)
publish(Severity, "How much a finding matters, and how sure it is.", name="FindingSeverity")


@strawberry.type
class Finding:
    """Something in a version's texts that somebody should look at. It tells where it is, and never what it says."""

    kind: FindingKind = strawberry.field(description="What sort of thing it is.")
    rule: str = strawberry.field(description="What it looks like, such as `github-token` or `e-mail`.")
    severity: Severity = strawberry.field(description="How much it matters, and how sure the rule is.")
    path: list[str] = strawberry.field(
        description="The text it is in: `template`, then `text`, or `chat`, the part, `message`, `content`; "
        "`variables`, the index, `defaultValue` or `description`; `modelSettings`, as compact JSON; or `changeNote`."
    )
    part: int | None = strawberry.field(description="Index of the chat part; null when it is in none.")
    line: int = strawberry.field(description="1-based.")
    column: int = strawberry.field(description="1-based, in Unicode code points.")
    length: int = strawberry.field(description="In Unicode code points.")

    @classmethod
    def of(cls, finding: domain.Finding) -> Self:
        """Of the domain's finding."""
        return cls(
            kind=finding.kind,
            rule=finding.rule,
            severity=finding.severity,
            path=list(finding.path),
            part=finding.part,
            line=finding.line,
            column=finding.column,
            length=finding.length,
        )


@strawberry.type
class VersionFindings:
    """The part of `PromptVersion` that tells what content checks find."""

    held: Private[prompt_domain.PromptVersion]

    @resolved
    def findings(self, info: Info) -> list[Finding]:
        """What content checks find in it: secrets, personal data, scripts, hidden characters. The first 100 of each
        kind are told.
        """
        return [Finding.of(finding) for finding in findings_of(info.context.deps, self.held)]


def kind_values(kinds: list[FindingKind] | None) -> tuple[str, ...] | None:
    """The kinds as the index writes them."""
    return None if kinds is None else tuple(kind.value for kind in kinds)
