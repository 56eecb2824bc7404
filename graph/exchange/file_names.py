"""The rule that makes a file's path of a prompt's name: a folder for each segment but the last, and `.md`.

A segment is its own file name when every system keeps it as it is: letters, digits, spaces and `._-()+,=@&'!~`
and the like, no dot or space or `-` at its beginning, no dot at its end, no device's name of Windows, at most 120
bytes, and no folder that looks like a file of ours. Any other becomes what of it is safe, then `~` and twelve
hexadecimal digits of its SHA-256. The front matter has the name itself, so that nothing is lost.
"""

import re
import unicodedata
from hashlib import sha256

SUFFIX = ".md"
DIGITS = 12
BYTES = 120
KEPT_CHARACTERS = 60
_SAFE_SIGNS = frozenset(" ._-()+,=@&'!~[]{}#$%;")
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE | re.DOTALL
)
_MARKED = re.compile(rf"~[0-9a-f]{{{DIGITS}}}$", re.IGNORECASE)


def path_of_name(name: str) -> tuple[str, ...]:
    """The path's parts, the last one with its suffix."""
    *folders, last = name.split("/")
    return (*(_safe_segment(folder) for folder in folders), _safe_segment(last) + SUFFIX)


def other_path_of_name(name: str) -> tuple[str, ...]:
    """The path for a name whose own is taken by a name that differs only by case."""
    *folders, last = path_of_name(name)
    return (*folders, _marked(last.removesuffix(SUFFIX), name) + SUFFIX)


def folded(parts: tuple[str, ...]) -> str:
    """The path as systems see it that fold case and normalize."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", "/".join(parts)).casefold())


def _safe_segment(segment: str) -> str:
    return segment if _is_safe(segment) else _marked(segment, segment)


def _is_safe(segment: str) -> bool:
    return (
        all(character in _SAFE_SIGNS or _is_letter(character) for character in segment)
        and segment[0] not in ".- ~"
        and segment[-1] not in ". "
        and len(segment.encode()) <= BYTES
        and not _DEVICE.fullmatch(segment)
        and not _MARKED.search(segment)
        and not segment.lower().endswith(SUFFIX)
    )


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _marked(readable: str, whole: str) -> str:
    plain = "".join(c if c in _SAFE_SIGNS or _is_letter(c) else "-" for c in readable)[:KEPT_CHARACTERS]
    while len(plain.encode()) > BYTES - DIGITS - 1:
        plain = plain[:-1]
    plain = plain.strip(".- ~") or "prompt"
    return f"{plain}~{sha256(whole.encode()).hexdigest()[:DIGITS]}"
