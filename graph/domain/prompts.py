"""A prompt, its versions and its labels, and the ways to select one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.domain.findings import Examination
from graph.domain.json_values import JSONObject
from graph.domain.ratings import RatingSummary
from graph.domain.templates import Content, ModelSettings, PromptTemplate, Variable

LATEST = "latest"


class Visibility(StrEnum):
    """PUBLIC prompts are read without a key where the server allows anonymous readers."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class VersionRef:
    """One version, named by its prompt's `_id` and its number from 1."""

    prompt_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Label:
    """A movable name for one version of a prompt."""

    name: str
    version: int
    moved_at: datetime
    moved_by: str | None


@dataclass(frozen=True, slots=True)
class LabelMove:
    """One line of a label's ledger. `from_version` is None when it was new, `to_version` when it was removed."""

    revision: int
    name: str
    from_version: int | None
    to_version: int | None
    moved_at: datetime
    moved_by: str | None


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One immutable revision of a prompt's content. Numbers are gapless from 1.

    `examination` is what the content checks found when it was written, None where that was before there were any. It
    is no part of the content: the digest does not cover it.
    """

    prompt_id: str
    number: int
    content: Content
    digest: str
    change_note: str | None
    created_at: datetime
    author_id: str | None
    examination: Examination | None = None

    @property
    def ref(self) -> VersionRef:
        """The prompt's id and the number."""
        return VersionRef(self.prompt_id, self.number)

    @property
    def template(self) -> PromptTemplate:
        """What is rendered."""
        return self.content.template

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the template names, in order of first use."""
        return self.content.variables

    @property
    def model_settings(self) -> ModelSettings | None:
        """What it was written for."""
        return self.content.model_settings


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's own facts. Its versions are read one by one; `latest` is the newest one's number."""

    id: str
    name: str
    title: str
    description: str | None
    category: str | None
    tags: tuple[str, ...]
    metadata: JSONObject
    visibility: Visibility
    labels: Mapping[str, Label]
    latest: int
    latest_digest: str
    rating: RatingSummary
    usage_count: int
    author_id: str | None
    forked_from: VersionRef | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class PromptById:
    """Selects a prompt by its `_id`."""

    id: str


@dataclass(frozen=True, slots=True)
class PromptByName:
    """Selects a prompt by its exact, case-sensitive name."""

    name: str


PromptSelector = PromptById | PromptByName


@dataclass(frozen=True, slots=True)
class VersionByNumber:
    """Selects a version by its number, from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class VersionByLabel:
    """Selects the version that a label points at now; `latest` is always there."""

    label: str


VersionSelector = VersionByNumber | VersionByLabel

LATEST_VERSION = VersionByLabel(LATEST)


def select_number(prompt: Prompt, selector: VersionSelector) -> int | None:
    """The number that `selector` means for `prompt` now; None when no version answers to it."""
    if isinstance(selector, VersionByNumber):
        return selector.number if 1 <= selector.number <= prompt.latest else None
    if selector.label == LATEST:
        return prompt.latest
    label = prompt.labels.get(selector.label)
    return label.version if label else None


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A version as its author gives it, before the rules: `variables` only add to what the template names."""

    template: PromptTemplate
    variables: tuple[Variable, ...] = ()
    model_settings: ModelSettings | None = None
    change_note: str | None = None


@dataclass(frozen=True, slots=True)
class PromptDraft:
    """A prompt as its author gives it, before the rules."""

    name: str
    version: VersionDraft
    title: str | None = None
    description: str | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    metadata: JSONObject = field(default_factory=dict)
    visibility: Visibility = Visibility.PRIVATE
