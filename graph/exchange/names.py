"""The rule that makes a prompt's name of a title.

A title that is a legal name of one segment is the name, to the letter. In any other one `/` and `|` become
`-`, it is cut where it is too long, and ` ~` with eight hexadecimal digits of the title's
SHA-256 is put behind it. So a name follows from its title alone: rows may be moved, added and taken away, and
each keeps its name; two titles never meet in one name. Names are case-sensitive, so titles that differ only by
case are two names.
"""

import re
from hashlib import sha256

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.names import clean_prompt_name

DIGITS = 8
_MARKED = re.compile(rf" ~[0-9a-f]{{{DIGITS}}}$")


def name_of_title(title: str, limits: Limits) -> str:
    """The name of a title that was cleaned as a title."""
    if _is_name(title, limits):
        return title
    mark = f" ~{sha256(title.encode()).hexdigest()[:DIGITS]}"
    plain = "".join("-" if character in "/|" else character for character in title)
    return plain[: limits.name - len(mark)].rstrip() + mark


def _is_name(title: str, limits: Limits) -> bool:
    # A title that looks marked is marked again: else it could be the name of another title.
    if "/" in title or _MARKED.search(title):
        return False
    try:
        return clean_prompt_name(title, limits) == title
    except InvalidInputError:
        return False
