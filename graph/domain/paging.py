"""Pages of a list that is read both ways, and the signed cursors that mark places in it."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, TypeVar

from graph.domain.errors import InvalidCursorError, InvalidInputError
from graph.domain.limits import Limits

T = TypeVar("T")
Position = tuple[Any, ...]

SIGNATURE_BYTES = 12


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`size` items strictly after or before a position, read forward, or backward from the end.

    Items always come in the list's order; `backward` says from which end they are counted. `skip` leaves out as many
    first, for protocols that number their pages; it costs what reading them in the index costs.
    """

    size: int
    after: Position | None = None
    before: Position | None = None
    backward: bool = False
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, in its order, and whether there are more on either side."""

    items: tuple[T, ...]
    has_next: bool
    has_previous: bool


def page_of(rows: Sequence[T], request: PageRequest) -> Page[T]:
    """The page in `rows`, which were read in the direction asked for, one more than `size` when there are more."""
    more = len(rows) > request.size
    items = tuple(rows[: request.size])
    if request.backward:
        return Page(items[::-1], has_next=request.before is not None, has_previous=more)
    return Page(items, has_next=more, has_previous=request.after is not None)


def page_size(first: int | None, last: int | None, limits: Limits) -> tuple[int, bool]:
    """The size and whether it counts from the end. Refuses both, and anything but 1 to the bound."""
    if first is not None and last is not None:
        raise InvalidInputError("Give `first` or `last`, not both.", ("last",))
    name, size = ("last", last) if last is not None else ("first", first)
    if size is None:
        return limits.default_page, False
    if not 1 <= size <= limits.page:
        raise InvalidInputError(f"`{name}` is {size}; it must be from 1 to {limits.page}.", (name,))
    return size, last is not None


_write_position = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_write_scope = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class CursorSigner:
    """Writes and reads opaque text that only this registry can have made.

    A cursor is bound to its list: `scope` is anything JSON can hold that tells one list from another.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._keyed = hmac.new(secret, digestmod=sha256)  # copied for each signature, in half the time of a new one

    def sign(self, scope: Any, position: Position) -> str:
        """The cursor of a position, as URL-safe text."""
        payload = _write_position(position).encode()
        return base64.urlsafe_b64encode(self._mac(scope, payload) + payload).rstrip(b"=").decode()

    def read(self, scope: Any, cursor: str) -> Position:
        """The position behind a cursor. Raises InvalidCursorError when it is forged or of another list."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (ValueError, binascii.Error):
            raise _refused() from None
        mac, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(mac, self._mac(scope, payload)):
            raise _refused()
        return tuple(json.loads(payload))

    def derive(self, purpose: str) -> bytes:
        """A key for another purpose: it tells nothing of this one, and no cursor's signature is made like it."""
        return hmac.new(self._secret, b"purpose:" + purpose.encode(), sha256).digest()

    def _mac(self, scope: Any, payload: bytes) -> bytes:
        bound = _write_scope(scope).encode()
        signature = self._keyed.copy()
        signature.update(bound + b"\0" + payload)
        return signature.digest()[:SIGNATURE_BYTES]


def _refused() -> InvalidCursorError:
    return InvalidCursorError("This cursor is not of this list. Use one that the same query returned.")


def page_request(
    signer: CursorSigner,
    limits: Limits,
    scope: Any,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageRequest:
    """The page that Relay's four arguments ask for. Raises InvalidInputError and InvalidCursorError."""
    size, backward = page_size(first, last, limits)
    read: Callable[[str], Position] = lambda cursor: signer.read(scope, cursor)  # noqa: E731
    return PageRequest(
        size=size,
        after=read(after) if after is not None else None,
        before=read(before) if before is not None else None,
        backward=backward,
    )
