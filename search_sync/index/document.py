"""What an index holds of a prompt: the projection's result, whole, never a part of it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class RatingBand(StrEnum):
    """Bands of the average rating. They overlap: what has 4 and up has 3 and up as well."""

    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One prompt. Times are milliseconds since 1970; `folders` are all that the prompt lies in, `a` and `a/b`.

    `rev` is the prompt's revision. `usage` may change without it.
    """

    id: str
    rev: int
    name: str
    title: str
    description: str
    tags: tuple[str, ...]
    variables: tuple[str, ...]
    text: str
    category: str | None
    author: str | None
    folders: tuple[str, ...]
    kind: str
    labels: tuple[str, ...]
    model: str | None
    average: float | None
    wilson: float
    usage: int
    created_at: int
    updated_at: int
    is_archived: bool
    is_public: bool

    @property
    def rating_bands(self) -> tuple[str, ...]:
        """The bands that the average is in."""
        if self.average is None:
            return (RatingBand.UNRATED.value,)
        return tuple(band.value for band in RatingBand if band is not RatingBand.UNRATED and self.average >= int(band))

    def digest(self) -> str:
        """SHA-256, in hex, of everything above: two documents are equal when these are."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
