"""The one grammar by which every face names a version: `name`, `name@7`, `name@production`, `name@sha256:ab12…`.

A name may hold `@` itself, so a text can be read in two ways, and which one is meant depends on what exists:
an exact name comes first. `readings` gives both, in that order; `operations/selectors.py` asks the store.
"""

import re
from dataclasses import dataclass

from graph.domain.names import LABEL_PATTERN, normalize
from graph.domain.prompts import VersionByLabel, VersionByNumber, VersionSelector

_NUMBER = re.compile(r"v?([1-9][0-9]{0,8})")
_DIGEST = re.compile(r"sha256:([0-9a-fA-F]{4,64})")


@dataclass(frozen=True, slots=True)
class VersionByDigest:
    """Selects a version by the first 4 to 64 hexadecimal digits, in lower case, of its digest."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a selector. `version` is None where the text names a prompt only."""

    name: str
    version: VersionSelector | VersionByDigest | None = None


def readings(text: str) -> tuple[Reading, ...]:
    """The ways to read the text, the one that comes first when it exists first. Names are in NFC."""
    whole = Reading(normalize(text))
    name, at, suffix = whole.name.rpartition("@")
    version = parse_version(suffix) if at and name else None
    return (whole,) if version is None else (whole, Reading(name, version))


def parse_version(text: str) -> VersionSelector | VersionByDigest | None:
    """What stands after the `@`: `7` or `v7`, a label, or `sha256:` and digits. None when it is none of these."""
    if match := _NUMBER.fullmatch(text):
        return VersionByNumber(int(match[1]))
    if match := _DIGEST.fullmatch(text):
        return VersionByDigest(match[1].lower())
    return VersionByLabel(text) if LABEL_PATTERN.fullmatch(text) else None
