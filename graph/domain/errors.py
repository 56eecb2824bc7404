"""What can go wrong, as one tree.

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
│   └── UpstreamError            the model's provider refused, failed or did not answer
├── CallerGoneError              nobody waits for the answer
├── RequestTooCostlyError        ask for less at once
├── StreamError                  a stream does not begin, or ends
│   ├── TooManyOperationsError   on one connection
│   ├── TooManySubscriptionsError in this process
│   └── SubscriberTooSlowError   it does not read what it is sent
├── RateLimitedError             ask again later
├── AccessError
│   ├── UnauthenticatedError     no key, or none that is known
│   ├── ForbiddenError           the key lacks a scope
│   └── FolderForbiddenError     the key may not write in this folder
└── UnavailableError             a part we stand on does not answer; try again
    ├── StoreUnavailableError    it was not done
    ├── StoreMisconfiguredError  the configured database cannot be used; told at the start
    ├── OutcomeUnknownError      the write may have happened; trying again is safe
    └── IndexUnavailableError    no search and no counts for now; everything else goes on
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from graph.domain.actors import Access
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


class RequestTooCostlyError(PromptgraphError):
    """What the request asks for adds up to more than one request may; the message says of what."""

    code = "REQUEST_TOO_COSTLY"


class RateLimitedError(PromptgraphError):
    """The caller has asked too much in a while. `wait` is for how many seconds it had better not ask again."""

    code = "RATE_LIMITED"

    def __init__(self, wait: float) -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__(f"Too many requests. Try again in {self.wait} seconds.")


class StreamError(PromptgraphError):
    """A stream that does not begin, or that ends before its time."""


class TooManyOperationsError(StreamError):
    """One connection runs as many operations as it may."""

    code = "TOO_MANY_OPERATIONS"

    def __init__(self, most: int) -> None:
        super().__init__(f"This connection runs {most} operations already: complete one, or open another connection.")


class TooManySubscriptionsError(StreamError):
    """This process has as many subscriptions as it may."""

    code = "TOO_MANY_SUBSCRIPTIONS"

    def __init__(self) -> None:
        super().__init__("This server has as many subscriptions as it takes. Try again in a moment.")


class SubscriberTooSlowError(StreamError):
    """What waits to be read by the subscriber is more than is kept for it. `cursor` is the last that it was sent."""

    code = "SUBSCRIBER_TOO_SLOW"

    def __init__(self, cursor: str | None) -> None:
        super().__init__("You read more slowly than there is to tell. Subscribe again after the cursor given here.")
        self.cursor = cursor


class AccessError(PromptgraphError):
    """Who is asking may not do this. `by` is for the record: who that is, where it is known and nobody was let in."""

    code = "FORBIDDEN"
    by: Access | None = None


class UnauthenticatedError(AccessError):
    """There is no key, or it is unknown, revoked or expired."""

    code = "UNAUTHENTICATED"


class ForbiddenError(AccessError):
    """The key is known and lacks `scope`."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a key with the scope {scope}.")
        self.scope = scope


class FolderForbiddenError(AccessError):
    """The key may read here, and no more."""

    def __init__(self) -> None:
        super().__init__("This key may not write in this folder. Use one with a grant to write here.")


class UnavailableError(PromptgraphError):
    """A part that the server stands on does not answer. Trying again later is right."""

    code = "UNAVAILABLE"


class StoreUnavailableError(UnavailableError):
    """The database does not answer; what was asked of it was not done."""

    code = "STORE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The database does not answer, so this was not done. Try again in a moment.")


class StoreMisconfiguredError(UnavailableError):
    """The database that is configured cannot be used; the message says why. Told to the operator, at the start."""

    code = "STORE_MISCONFIGURED"


class OutcomeUnknownError(UnavailableError):
    """The answer to a commit was lost."""

    code = "OUTCOME_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("The write was cut off: it may or may not have been made. Trying again is safe.")


class IndexUnavailableError(UnavailableError):
    """The search index does not answer. What is kept is not touched by that."""

    code = "INDEX_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The search index does not answer. Try again in a moment, or list with `prompts` meanwhile.")


class UpstreamError(UserError):
    """The provider of the model refused, failed, or did not answer in time.

    `status` is what it is told with over HTTP; `kind`, `reason` and `param` are the `type`, `code` and `param` of
    OpenAI's errors. `retry_after` is the provider's own header: seconds, or a date.
    """

    code = "UPSTREAM_ERROR"

    def __init__(
        self,
        message: str,
        status: int,
        *,
        kind: str = "upstream_error",
        reason: str | None = None,
        param: str | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.param = param
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """True when another model, or the same one later, may well answer."""
        return self.status in (408, 409, 429) or self.status >= 500
