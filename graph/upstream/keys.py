"""Takes keys out of what a provider says, and leaves words: `key-value store`, `sk-learn`, `Bearer authentication`."""

import re

from graph.checks.redactor import redact_text
from graph.domain.findings import FindingKind
from graph.domain.json_values import mend_text

COVER = "…"
# Beginnings of keys, with what is whole or masked by the provider itself after them.
_CERTAIN = re.compile(r"\b[sp]k-(?:proj|svcacct|admin|service|ant|or|lf)-[A-Za-z0-9*._-]{6,}")
_LIKELY = re.compile(
    r"\b(?:(?:g?sk|[pr]k|key|hf|xai|r8|pg|nvapi|pplx)[-_]|(?:bearer|basic|key|key provided)[\s:=\"'`]{1,4})"
    r"(?P<key>[A-Za-z0-9*._~+/=-]{6,})",
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Za-z0-9]+")
_SHORTEST_MIXED = 6
_SHORTEST_OF_BOTH_CASES = 16
_LONGEST_WORD = 23  # `internationalisations` has 21


def without_keys(text: str, own: str | None) -> str:
    """The text without our `own` key, and without what looks like anybody's; such as can be written in UTF-8."""
    text = mend_text(text)
    if own:
        text = text.replace(own, COVER)
    text = _LIKELY.sub(_cover, _CERTAIN.sub(COVER, text))
    return redact_text(text, {FindingKind.SECRET})


def _cover(match: re.Match[str]) -> str:
    return COVER if _is_drawn(match["key"]) else match[0]


def _is_drawn(token: str) -> bool:
    """True for what is no word of people's: with stars in it, or a part that mixes letters and digits, or is long."""
    return "**" in token or "..." in token or any(map(_is_drawn_part, _PART.findall(token)))


def _is_drawn_part(part: str) -> bool:
    if len(part) >= _SHORTEST_MIXED and any(map(str.isdigit, part)):
        return True
    has_both_cases = part.lower() != part != part.upper()
    return len(part) > _LONGEST_WORD or (has_both_cases and len(part) >= _SHORTEST_OF_BOTH_CASES)
