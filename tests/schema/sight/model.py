"""The model: who sees what, in the fewest words. It shares no line with the server."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks."""

    scopes: frozenset[str]
    folders: tuple[str, ...]
    reads_public: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A prompt as it was made, and how it was changed after that."""

    name: str
    began_public: bool = False
    is_public: bool = False
    is_archived: bool = False
    tags: tuple[str, ...] = ()
    label: str | None = None
    source: str | None = None
    included: str | None = None
    says: str = "Refund"

    @property
    def text(self) -> str:
        """What is written in it."""
        return f"{self.says} {{{{> {self.included}}}}}" if self.included else self.says

    @property
    def folders(self) -> list[str]:
        """The folders it lies in, the widest first."""
        parts = self.name.split("/")
        return ["/".join(parts[:count]) for count in range(1, len(parts))]

    @property
    def events(self) -> list[tuple[str, bool | None, bool]]:
        """Each change: its kind, and whether the prompt was public before and after."""
        told: list[tuple[str, bool | None, bool]] = [("CREATED", None, self.began_public)]
        if self.is_public != self.began_public:
            told.append(("UPDATED", self.began_public, self.is_public))
        later = [("LABEL_SET", self.label is not None), ("ARCHIVED", self.is_archived)]
        return told + [(kind, self.is_public, self.is_public) for kind, is_so in later if is_so]


def expand(fact: Fact, seen: Mapping[str, Fact]) -> tuple[str, bool]:
    """The text with what it includes; False with the text as it is written when something in that is out of sight."""
    if fact.included is None:
        return fact.text, True
    inner = seen.get(fact.included)
    text, is_whole = expand(inner, seen) if inner else ("", False)
    return (f"{fact.says} {text}", True) if is_whole else (fact.text, False)


def sees(reader: Reader, fact: Fact, is_public: bool | None) -> bool:
    """The rule of sight; `is_public` is that of the moment in question, None before the prompt was there."""
    if is_public is None:
        return False
    if is_public and reader.reads_public:
        return True
    return "prompts:read" in reader.scopes and any(folder in ("", *fact.folders) for folder in reader.folders)
