"""Places in the answer to one question."""

from dataclasses import asdict, dataclass
from typing import Any

from graph.domain.paging import CursorSigner
from search_sync.index.protocol import SearchFilter, SearchOrder, Sight

SCOPE = "search"


@dataclass(frozen=True, slots=True)
class SearchCursors:
    """Cursors of one question: they name a place, and hold for the same text, filter, order and sight only.

    The place is counted from the answer's beginning, so a prompt that moves meanwhile may be met twice or missed, as
    in every ranked list.
    """

    signer: CursorSigner
    scope: Any

    @classmethod
    def of(
        cls, signer: CursorSigner, text: str, where: SearchFilter, order: SearchOrder, sight: Sight
    ) -> "SearchCursors":
        """The cursors of the question."""
        return cls(signer, (SCOPE, text, asdict(where), order.value, asdict(sight)))

    def write(self, place: int) -> str:
        """The cursor of the hit at this place, from 0."""
        return self.signer.sign(self.scope, (place,))

    def read(self, after: str | None) -> int:
        """How many hits lie before what comes after the cursor. Raises InvalidCursorError."""
        if after is None:
            return 0
        (place,) = self.signer.read(self.scope, after)
        return int(place) + 1
