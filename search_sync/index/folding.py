"""Text made comparable: one case, one form, no accents, and a space for whatever no word is made of."""

import re
import unicodedata

SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Scripts that put no spaces between words, as the inside of a character class."""

# Marks of these combining classes belong to the letter (nukta, kana voicing, virama); the others are accents on it.
_KEPT_CLASSES = frozenset({0, 7, 8, 9})
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i"}
)
# Marks that choose how what they follow is drawn, such as an emoji's skin tone.
_DROPPED = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))


def fold(text: str) -> str:
    """The letters and digits of a text, comparable; symbols such as emoji stand alone; all else is a space."""
    if text.isascii():
        return text.translate(_ASCII)
    return unicodedata.normalize("NFKC", text).translate(_FOLDS)


def fold_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`fold`, and for each of its characters the half-open range of the original's that it was made of."""
    if text.isascii():
        return fold(text), [(at, at + 1) for at in range(len(text))]
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        piece = fold(text[start:end])
        folded.append(piece)
        places.extend([(start, end)] * len(piece))
    return "".join(folded), places


def _clusters(text: str) -> list[tuple[int, int]]:
    """Characters with the marks on them, which have to be folded together."""
    starts = [at for at, character in enumerate(text) if at == 0 or not _continues(character)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _continues(character: str) -> bool:
    return (
        unicodedata.combining(character) != 0 or "\u1160" <= character <= "\u11ff"
    )  # or the rest of a Hangul syllable


def _fold_character(character: str) -> str:
    if _DROPPED.match(character):
        return ""
    match unicodedata.category(character):
        case "Cf":
            return " " if character == "\u200b" else ""  # the zero-width space is one; joiners and directions are none
        case "So":
            return f" {character} "
        case "Me":  # keycaps
            return ""
        case category if category[0] in "LNM":
            return _fold_letter(character)
    return " "


def _fold_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold())
    kept = "".join(mark for mark in plain if unicodedata.combining(mark) in _KEPT_CLASSES)
    return unicodedata.normalize("NFC", kept.translate(_PLAIN_LETTERS))


class _Folds(dict[int, str]):
    """`_fold_character` for every code point, worked out when first met: there are a million, and few are used."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_FOLDS = _Folds()
