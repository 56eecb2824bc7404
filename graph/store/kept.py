"""What a process keeps of prompts and keys, for what asks for the same ones a thousand times a second.

    store ──reads──▶ Kept ──while the ChangeWatch is heard──▶ whoever asks
                      ▲
    this process's writes, and the ChangeWatch for everybody else's: forget

Nothing that this process has written, and answered for, is told as it was before: whoever writes forgets before it
answers. What others have written is known as soon as the watch is told of it. While the watch hears nothing, nothing
that is kept is told.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")

Owners = tuple[str, ...]

NOBODY: Owners = ()
"""Of an entry that says that there is nothing. Whatever changes may make it untrue."""


ENTRY_BYTES = 1_000  # what an entry takes beside its value: the longest name, and where it is told


class _Entry(NamedTuple, Generic[V]):
    value: V | None
    owners: Owners
    moment: int
    weight: int


class Kept(Generic[V]):
    """Values by what they are asked for by, the least recently used going first; at most `most` of them.

    A value belongs to the documents that it was read from: it is forgotten when one of them changes. `weigh` says about
    how many bytes a value takes, of which there are at most `size`.
    """

    def __init__(
        self, most: int, is_heard: Callable[[], bool], size: int, weigh: Callable[[V], int] = lambda _: 0
    ) -> None:
        self._most = most
        self._size = size
        self._weigh = weigh
        self._held = 0
        self._is_heard = is_heard
        self._entries: OrderedDict[str, _Entry[V]] = OrderedDict()
        self._owned: dict[str, set[str]] = {}
        self._absent: set[str] = set()
        self.moment = 0
        """Counts what was forgotten: note it before reading, and give it to `keep`."""

    def __len__(self) -> int:
        return len(self._entries)

    def recall(self, keys: Sequence[str], may_see: Callable[[V], bool] = lambda _: True) -> dict[str, V | None] | None:
        """The values of all the keys, None for what is not there; None in all when one of them is not known.

        What the asker may not see is as if there were nothing, and is known no longer than that would be.
        """
        if not self._is_heard():
            return None
        known: dict[str, V | None] = {}
        for key in keys:
            entry = self._entries.get(key)
            if entry is None:
                return None
            value = entry.value
            if value is not None and not may_see(value):
                if entry.moment != self.moment:
                    return None
                value = None
            self._entries.move_to_end(key)
            known[key] = value
        return known

    def keep(self, moment: int, values: Mapping[str, tuple[V | None, Owners]]) -> None:
        """Keeps what was read since `moment`, unless something was forgotten meanwhile: that may have been this."""
        if moment != self.moment or not self._is_heard():
            return
        for key, (value, owners) in values.items():
            self._drop(key)
            weight = ENTRY_BYTES + (0 if value is None else self._weigh(value))
            if weight > self._size:
                continue
            self._entries[key] = _Entry(value, owners, moment, weight)
            self._held += weight
            for owner in owners:
                self._owned.setdefault(owner, set()).add(key)
            if not owners:
                self._absent.add(key)
        while len(self._entries) > self._most or self._held > self._size:
            self._drop(next(iter(self._entries)))

    def forget(self, owner: str) -> None:
        """A document was written, made or removed."""
        self.moment += 1
        for key in [*self._owned.get(owner, ()), *self._absent]:
            self._drop(key)

    def clear(self) -> None:
        """Anything may have been written."""
        self.moment += 1
        self._entries.clear()
        self._owned.clear()
        self._absent.clear()
        self._held = 0

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._held -= entry.weight
        self._absent.discard(key)
        for owner in entry.owners:
            keys = self._owned[owner]
            keys.discard(key)
            if not keys:
                del self._owned[owner]
