"""What the faces share: the APIs of other prompt tools, served so that their clients change a base URL and no more.

A face is a list of routes whose handlers get a `Call`. It tells errors in its own shape, by `tell`, and what went
wrong on our side is masked behind an id as everywhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.denials import UnauthenticatedError
from graph.domain.errors import (
    InvalidInputError,
    LabelConflictError,
    LabelProtectedError,
    NameTakenError,
    PromptArchivedError,
    PromptgraphError,
    RevisionConflictError,
    StillIncludedError,
    VersionConflictError,
)
from graph.domain.limits import RequestLimits
from graph.domain.outages import UpstreamError
from graph.exchange.entries import reason_of
from graph.http.auth import Identify
from graph.http.errors import MASKED, STATUSES, Mask, RequestRefusedError, retry_after
from graph.http.parameters import decode_json, read_body
from graph.operations.deps import Deps

LONGEST_PAGE = 100
DEEPEST = 100_000

# Writes can clash in more ways than what is refused as a whole.
_STATUSES: tuple[tuple[type[PromptgraphError], int], ...] = (
    (LabelProtectedError, 403),
    (NameTakenError, 409),
    (PromptArchivedError, 409),
    (RevisionConflictError, 409),
    (StillIncludedError, 409),
    (VersionConflictError, 409),
    (LabelConflictError, 409),
    *STATUSES,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a face. `status` of an error is the same for every face; the words around it are not."""

    request: web.Request
    deps: Deps
    access: Access
    limits: RequestLimits
    mask: Mask

    async def json(self) -> Any:
        """The body. Raises RequestRefusedError."""
        if self.request.content_type != "application/json":
            raise RequestRefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "Send JSON: Content-Type application/json.")
        return decode_json(await read_body(self.request, self.limits.body_bytes, self.limits.body_seconds))

    def query(self, name: str) -> str | None:
        """A parameter of the URL; an empty one is none. Raises InvalidInputError when it is given twice."""
        values = self.request.query.getall(name, [])
        if len(values) > 1:
            raise InvalidInputError(f"Give `{name}` once.", (name,))
        return values[0] or None if values else None

    def whole(self, name: str, default: int, most: int) -> int:
        """A parameter that is a whole number from 1. Raises InvalidInputError."""
        text = self.query(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()) or len(text) > 18 or not 1 <= int(text) <= most:
            raise InvalidInputError(f"`{name}` is a whole number from 1 to {most}.", (name,))
        return int(text)

    def page(self, size_name: str, default_size: int = LONGEST_PAGE) -> tuple[int, int]:
        """The page that is asked for, from 1, and how long one is. Raises InvalidInputError."""
        page, size = self.whole("page", 1, DEEPEST), self.whole(size_name, default_size, LONGEST_PAGE)
        if (page - 1) * size > DEEPEST:
            raise InvalidInputError(f"Pages go as deep as {DEEPEST} entries: narrow the list.", ("page",))
        return page, size

    def flag(self, name: str, default: bool) -> bool:
        """A parameter that is `true` or `false`. Raises InvalidInputError."""
        text = self.query(name)
        if text not in (None, "true", "false"):
            raise InvalidInputError(f"`{name}` is true or false.", (name,))
        return default if text is None else text == "true"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a face tells of an error. `code` is ours, as docs/errors.md has it."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str]
    error_id: str | None = None


Act = Callable[[Call], Awaitable[web.StreamResponse]]
Tell = Callable[[Fault], web.Response]


@dataclass(frozen=True, slots=True)
class Face:
    """How one face learns who calls and tells what went wrong."""

    identify: Identify
    tell: Tell
    mask: Mask
    limits: RequestLimits

    def serve(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of one route."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                deps, access = await self.identify(request)
                if access.actor is None and not access.reads_public:
                    raise UnauthenticatedError("This needs an API key of this registry.")
                return await act(Call(request, deps, access, self.limits, self.mask))
            except RequestRefusedError as error:
                return self.tell(Fault(error.status, error.code, error.message, error.headers))
            except PromptgraphError as error:
                return self.tell(fault_of(error))
            except web.HTTPException:
                raise
            except Exception as error:  # noqa: BLE001 - told in the face's own shape: logged with its id, shown masked
                hidden = self.mask.hide(error)
                return self.tell(Fault(500, hidden["code"], MASKED, {}, hidden["errorId"]))

        return answer


def fault_of(error: PromptgraphError) -> Fault:
    """The HTTP status of one of our own errors, and what may be said of it."""
    if isinstance(error, UpstreamError):
        headers = {"Retry-After": error.retry_after} if error.retry_after else {}
        return Fault(error.status, error.code, error.message, headers)
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    path = error.path if isinstance(error, InvalidInputError) else None
    return Fault(status, error.code, reason_of(error.message, path), retry_after(error))
