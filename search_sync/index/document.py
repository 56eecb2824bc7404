"""What an index holds of a prompt: the projection's result, whole, never a part of it."""

import hashlib
import json
import math
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter

MOST_ID_BYTES = 255  # what is left of Meilisearch's 511 when an id is written in hexadecimal


class RefusedDocumentError(ValueError):
    """No index can hold the document; the message says why."""


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

    `findings` are the kinds of what content checks found in the latest version. `rev` is the prompt's revision; `usage`
    may change without it.
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
    findings: tuple[str, ...]
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
        facts = _JSON.encode(_FACTS(self))  # the text, which may be long, goes in as it is: no JSON has a line break
        return hashlib.sha256(f"{facts}\n{self.text}".encode()).hexdigest()

    def seal(self) -> str:
        """The digest of a document that every index can hold. Raises RefusedDocumentError."""
        if not 0 < len(self.id.encode(errors="replace")) <= MOST_ID_BYTES:
            raise RefusedDocumentError(f"The id has to have 1 to {MOST_ID_BYTES} bytes.")
        if not math.isfinite(self.wilson) or not math.isfinite(self.average or 0):
            raise RefusedDocumentError("A rating is no finite number.")
        if any(abs(number) >= 2**53 for number in (self.rev, self.usage, self.created_at, self.updated_at)):
            raise RefusedDocumentError("A number is 2^53 or more, which is not kept exactly everywhere.")
        try:
            return self.digest()
        except UnicodeEncodeError:
            raise RefusedDocumentError("A text is no valid Unicode: it has half of a surrogate pair.") from None


_FACTS = attrgetter(*(field.name for field in fields(SearchDocument) if field.name != "text"))
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
