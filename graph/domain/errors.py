"""What can go wrong, as one tree. What is not in here is in `denials` and `outages`, as marked.

PromptgraphError
├── UserError                    the caller can put it right; a mutation tells it in its payload
│   ├── InvalidInputError
│   │   ├── InvalidVariableError
│   │   ├── BrokenReferenceError a template includes what cannot be included
│   │   ├── StillIncludedError   what others include is not deleted
│   │   ├── InvalidCursorError
│   │   ├── CursorExpiredError
│   │   ├── HistoryLostError
│   │   └── InvalidSearchTokenError
│   ├── NotFoundError
│   ├── NameTakenError
│   ├── PromptArchivedError
│   ├── RevisionConflictError
│   ├── VersionConflictError
│   ├── LabelConflictError
│   ├── LabelProtectedError
│   ├── MissingVariablesError
│   └── UpstreamError            outages: the model's provider refused, failed or did not answer
├── CallerGoneError              nobody waits for the answer
├── AccessError                  denials: this caller may not do that
├── RequestTooCostlyError        denials: ask for less at once
├── RateLimitedError             denials: ask again later
├── StreamError                  denials: a stream does not begin, or ends
└── UnavailableError             outages: a part we stand on does not answer; try again
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from graph.domain.prompts import Label, Prompt, PromptVersion
from graph.domain.templates import Variable, VariableType

Path = tuple[str, ...]


class PromptgraphError(Exception):
    """The root. `code` is stable and for programs, `message` is for people and may be reworded."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UserError(PromptgraphError):
    """Something the caller can put right.

    `path` names the field at fault, from the operation's own input down: `("tags", "3")`.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, path: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.path: Path | None = tuple(path) if path is not None else None


class InvalidInputError(UserError):
    """A value breaks a rule of its field; the message tells the rule."""


class InvalidCursorError(InvalidInputError):
    """A cursor that this server did not sign, or not for this list."""

    code = "INVALID_CURSOR"


class CursorExpiredError(InvalidInputError):
    """A cursor of the feed, and what comes after it is no longer kept."""

    code = "CURSOR_EXPIRED"

    def __init__(self) -> None:
        super().__init__(
            "What comes after this cursor is no longer kept. Read afresh, then go on without a cursor.", ("after",)
        )


class HistoryLostError(InvalidInputError):
    """A cursor of the feed that lies beyond its end."""

    code = "HISTORY_LOST"

    def __init__(self) -> None:
        super().__init__(
            "The feed ends before this cursor: the registry was replaced or set back. Read afresh, then go on without "
            "a cursor.",
            ("after",),
        )


class InvalidSearchTokenError(InvalidInputError):
    """A search token that this server did not sign."""

    code = "INVALID_SEARCH_TOKEN"

    def __init__(self) -> None:
        super().__init__(
            "This is no search token of this registry. Give one that a mutation returned, or leave it out.",
            ("consistentWith",),
        )


class InvalidVariableError(InvalidInputError):
    """A value does not fit its variable's type."""

    def __init__(
        self, message: str, variable: str, expected: VariableType | None, path: Sequence[str] | None = None
    ) -> None:
        super().__init__(message, path)
        self.variable = variable
        self.expected = expected


class BrokenReferenceError(InvalidInputError):
    """A template includes what cannot be included. `selector` is how the template names it."""

    code = "BROKEN_REFERENCE"

    def __init__(self, message: str, selector: str, path: Sequence[str] | None = None) -> None:
        super().__init__(message, path)
        self.selector = selector


class StillIncludedError(InvalidInputError):
    """A prompt that is to be deleted and that others include; `names` are the first of those, `count` is of all."""

    code = "STILL_INCLUDED"

    def __init__(self, names: Sequence[str], count: int) -> None:
        told = ", ".join(repr(name) for name in names) + (f" and {count - len(names)} more" * (count > len(names)))
        super().__init__(f"Other prompts include this one: {told}. Change or delete them first, or archive this one.")
        self.names = tuple(names)


class NotFoundError(UserError):
    """It does not exist, or the caller may not see it: the two are never told apart."""

    code = "NOT_FOUND"


class NameTakenError(UserError):
    """Another prompt has this name."""

    code = "NAME_TAKEN"

    def __init__(self, name: str, path: Sequence[str] | None = None) -> None:
        super().__init__(f"There is already a prompt named {name!r}. Choose another name.", path)
        self.name = name


class PromptArchivedError(UserError):
    """An archived prompt is read and rendered, not changed."""

    code = "PROMPT_ARCHIVED"

    def __init__(self, archived_at: datetime) -> None:
        super().__init__("The prompt is archived. Unarchive it before changing it.")
        self.archived_at = archived_at


class RevisionConflictError(UserError):
    """Someone changed the prompt first. `prompt` is how it stands now."""

    code = "REVISION_CONFLICT"

    def __init__(self, prompt: Prompt) -> None:
        super().__init__(
            f"The prompt is at revision {prompt.revision}. Read it again and redo the change on that.",
            ("expectedRevision",),
        )
        self.prompt = prompt


class VersionConflictError(UserError):
    """Someone appended a version first. `prompt` and `latest` are how things stand now."""

    code = "VERSION_CONFLICT"

    def __init__(self, prompt: Prompt, latest: PromptVersion) -> None:
        super().__init__(
            f"Version {latest.number} is the latest now. Merge with it and try again.", ("expectedLatest",)
        )
        self.prompt = prompt
        self.latest = latest


class LabelConflictError(UserError):
    """Someone moved the label first. `label` is None when it is gone."""

    code = "LABEL_CONFLICT"

    def __init__(self, prompt: Prompt, name: str, label: Label | None) -> None:
        where = f"points at version {label.version}" if label else "does not exist"
        super().__init__(f"The label {name!r} {where}. Look again before moving it.", ("expectedVersion",))
        self.prompt = prompt
        self.label = label


class LabelProtectedError(UserError):
    """Only holders of the scope `labels:protected` may move this label. `label` is None when it is new."""

    code = "LABEL_PROTECTED"

    def __init__(self, prompt: Prompt, name: str, label: Label | None) -> None:
        super().__init__(f"The label {name!r} is protected: moving it needs the scope labels:protected.")
        self.prompt = prompt
        self.name = name
        self.label = label


class MissingVariablesError(UserError):
    """Required variables that were given no value, in the order of their first use."""

    code = "MISSING_VARIABLES"

    def __init__(self, variables: Sequence[Variable]) -> None:
        names = ", ".join(variable.name for variable in variables)
        super().__init__(f"These variables need a value: {names}.", ("variables",))
        self.variables = tuple(variables)


class CallerGoneError(PromptgraphError):
    """The caller has closed the connection, or wants no more of an operation: what it cost money to go on with ends."""

    code = "CALLER_GONE"

    def __init__(self) -> None:
        super().__init__("The caller has left, so the call of the model was ended.")
