"""The one grammar by which every face names a version: `name`, `name@7`, `name@production`, `name@sha256:ab12…`.

A name may hold `@` itself, so a text can be read in two ways, and which one is meant depends on what exists:
an exact name comes first. `readings` gives both, in that order; `operations/selectors.py` asks the store.
"""

import re
from dataclasses import dataclass

from graph.domain.names import LABEL_PATTERN, normalize
from graph.domain.prompts import LATEST, VersionByLabel, VersionByNumber, VersionSelector

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


def targets(text: str) -> tuple[tuple[str, str], ...]:
    """What a selector may mean, in all its readings: a prompt's name, and `latest`, a label, a number or a digest."""
    return tuple((way.name, _what(way.version)) for way in readings(text))


def target_of(name: str, what: str) -> str:
    """The two as one text. No name holds a `|`."""
    return f"{name}|{what}"


def _what(version: VersionSelector | VersionByDigest | None) -> str:
    if version is None:
        return LATEST
    if isinstance(version, VersionByNumber):
        return str(version.number)
    return version.label if isinstance(version, VersionByLabel) else f"sha256:{version.prefix}"
