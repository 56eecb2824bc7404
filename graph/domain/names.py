"""The rules for names: of prompts, folders, labels, tags and variables."""

import re
import unicodedata

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import text_fault
from graph.domain.limits import Limits
from graph.domain.prompts import LATEST

LABEL_PATTERN = re.compile(r"[a-z][a-z0-9_.-]{0,35}")
VARIABLE_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
VERSION_LIKE = re.compile(r"v[0-9]+")

Path = tuple[str, ...]


def clean_prompt_name(name: str, limits: Limits, path: Path = ("name",)) -> str:
    """The name in NFC. Raises InvalidInputError with the rule that it breaks."""
    _refuse(text_fault(name), path)
    name = normalize(name)
    if not 1 <= len(name) <= limits.name:
        raise InvalidInputError(f"A name has 1 to {limits.name} characters; this one has {len(name)}.", path)
    if "|" in name:
        raise InvalidInputError("A name may not hold `|`.", path)
    if not all(character == " " or _is_printable(character) for character in name):
        raise InvalidInputError("A name may hold printable characters only: no line breaks, tabs or controls.", path)
    for segment in name.split("/"):
        _check_segment(segment, path)
    return name


def _check_segment(segment: str, path: Path) -> None:
    if not segment:
        raise InvalidInputError("Slashes make folders: a name has none at its ends and no two in a row.", path)
    if segment in (".", ".."):
        raise InvalidInputError("A segment of a name may not be `.` or `..`.", path)
    if segment != segment.strip():
        raise InvalidInputError("A segment of a name has no space at its ends.", path)
    if not _is_visible(segment):
        raise InvalidInputError("A segment of a name has a character that can be seen.", path)


def last_segment(name: str) -> str:
    """What comes after the folders: the title of a prompt that was given none."""
    return name.rsplit("/", 1)[-1]


def normalize(text: str) -> str:
    """The text in NFC, as names, tags and categories are kept."""
    return unicodedata.normalize("NFC", text)


def _is_printable(character: str) -> bool:
    # Private use, joiners and emoji tags are letters to somebody, and what Unicode has not named yet soon is.
    # Controls, separators, surrogates and noncharacters are not, nor what turns the direction of others' text.
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in TURNING:
        return False
    return not (0xFDD0 <= ord(character) <= 0xFDEF or ord(character) & 0xFFFE == 0xFFFE)


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character) not in {"Cf", "Zs", "Mn", "Me"} for character in text)


def clean_folder(folder: str, limits: Limits, path: Path = ("folders",)) -> str:
    """A folder as a prefix without its last slash."""
    try:
        return clean_prompt_name(folder.removesuffix("/"), limits, path)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{folder!r} is no folder, which is named as a prompt is. {error.message}", path
        ) from None


def clean_label(name: str, path: Path = ("name",)) -> str:
    """The label's name as it is. Raises InvalidInputError when no label may be called that."""
    if not LABEL_PATTERN.fullmatch(name):
        raise InvalidInputError(
            "A label starts with a letter from a to z and goes on with up to 35 of a-z, 0-9, `_`, `.` and `-`.", path
        )
    if name == LATEST:
        raise InvalidInputError("`latest` always points at the newest version; it cannot be set or removed.", path)
    if VERSION_LIKE.fullmatch(name):
        raise InvalidInputError("A label may not look like a version number, such as `v7`.", path)
    return name


def clean_tags(tags: tuple[str, ...], limits: Limits, path: Path = ("tags",)) -> tuple[str, ...]:
    """The tags in NFC and as they came, repeated ones once."""
    cleaned: dict[str, None] = {}
    for index, tag in enumerate(tags):
        cleaned.setdefault(clean_line(tag, limits.tag, "A tag", (*path, str(index))))
    if len(cleaned) > limits.tags:
        raise InvalidInputError(f"A prompt has at most {limits.tags} tags; these are {len(cleaned)}.", path)
    return tuple(cleaned)


def clean_line(text: str, most: int, what: str, path: Path) -> str:
    """One line of 1 to `most` characters in NFC, without spaces at its ends."""
    _refuse(text_fault(text), path)
    text = normalize(text)
    if not 1 <= len(text) <= most:
        raise InvalidInputError(f"{what} has 1 to {most} characters; this one has {len(text)}.", path)
    if (
        text != text.strip()
        or not _is_visible(text)
        or not all(character == " " or _is_printable(character) for character in text)
    ):
        raise InvalidInputError(f"{what} is one line of printable characters with no space at its ends.", path)
    return text


def clean_text(text: str, most: int, what: str, path: Path, least: int = 0) -> str:
    """Text of `least` to `most` characters, kept to the letter: nothing is normalized or stripped."""
    _refuse(text_fault(text), path)
    if not least <= len(text) <= most:
        raise InvalidInputError(f"{what} has {least} to {most} characters; this has {len(text)}.", path)
    return text


def _refuse(fault: str | None, path: Path) -> None:
    if fault:
        raise InvalidInputError(f"The text {fault}.", path)
