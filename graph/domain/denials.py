"""Errors of callers who ask for what they may not have, or for too much.

PromptgraphError
├── AccessError
│   ├── UnauthenticatedError     no key, or none that is known
│   ├── ForbiddenError           the key lacks a scope
│   └── FolderForbiddenError     the key may not write in this folder
├── RequestTooCostlyError        ask for less at once
├── RateLimitedError             ask again later
└── StreamError                  a stream does not begin, or ends
    ├── TooManyOperationsError   on one connection
    ├── TooManySubscriptionsError in this process
    └── SubscriberTooSlowError   it does not read what it is sent
"""

import math

from graph.domain.actors import Access
from graph.domain.errors import PromptgraphError


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
