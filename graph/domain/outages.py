"""Errors of the parts that the server stands on: the database, the search index, the provider of models.

PromptgraphError
├── UnavailableError             try again
│   ├── StoreUnavailableError    it was not done
│   ├── StoreMisconfiguredError  the configured database cannot be used; told at the start
│   ├── OutcomeUnknownError      the write may have happened; trying again is safe
│   └── IndexUnavailableError    no search and no counts for now; everything else goes on
└── UserError
    └── UpstreamError            the model's provider refused, failed or did not answer
"""

from graph.domain.errors import PromptgraphError, UserError


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
