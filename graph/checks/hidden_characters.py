"""Characters that nobody sees: they can smuggle instructions to a model, or show people another order of the words.

Joiners belong to emoji and to scripts such as Persian and Hindi, tags to flags, one variation selector to the
character before it: there they are none. Form feeds and the separators of files and records (U+001C to U+001F) do what
they are for.
"""

import re
from collections.abc import Iterator

from graph.checks.rules import Span
from graph.domain.findings import FindingKind, Severity

_FLAG = "\U0001f3f4"
_END_OF_FLAG = "\U000e007f"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1b\x7f-\x84\x86-\x9f]+")
_PERHAPS = re.compile("[\u180e\u200b-\u200d\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
_OTHERS = re.compile(
    "(?P<tags>[\U000e0000-\U000e007f]+)"
    "|(?P<selectors>[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,})"
    "|(?P<bidi>[\u202a-\u202e\u2066-\u2069]+)"
    "|(?P<zero>[\u200b\u2060-\u2064\u206a-\u206f\u180e\ufeff]+|(?<=[!-~])[\u200c\u200d]+(?=[!-~])|[\u200c\u200d]{3,})"
)
_RULES = {
    "tags": ("tag-characters", Severity.HIGH),
    "selectors": ("variation-selectors", Severity.HIGH),
    "bidi": ("direction-override", Severity.MEDIUM),
    "zero": ("zero-width", Severity.LOW),
}


def find_hidden_characters(text: str) -> Iterator[Span]:
    """The runs of hidden characters in the text."""
    for match in _CONTROLS.finditer(text):
        yield _span(match, "control-characters", Severity.MEDIUM)
    if text.isascii() or not _PERHAPS.search(text):
        return
    for match in _OTHERS.finditer(text):
        if not _is_harmless(match):
            yield _span(match, *_RULES[match.lastgroup or ""])


def _is_harmless(match: re.Match[str]) -> bool:
    """The tags of a region's flag, and a byte order mark where a text begins."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    if match["tags"]:
        return before == _FLAG and match[0].endswith(_END_OF_FLAG) and len(match[0]) <= 7
    return match[0] == "\ufeff" and not before


def _span(match: re.Match[str], rule: str, severity: Severity) -> Span:
    return Span(match.start(), match.end(), rule, FindingKind.HIDDEN_CHARACTERS, severity)
