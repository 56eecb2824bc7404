"""The notations of other prompt tools, which have variables but no escapes: `{{name}}`, and `{name}`.

Their text is brought into ours and given back to the letter. Our references, `{{> name}}`, are taken for what they
are. Only backslashes directly before `{{` mean something here and nothing there, so they are the only thing that
changes on the way.
"""

import re
from collections.abc import Collection

from graph.templating.parser import Reference, Slot, parse

_OPENING = r"\{\{++(?: *+[A-Za-z_][A-Za-z0-9_.-]*+ *+|> *+[^ {}|\x00-\x1f\x7f][^{}|\x00-\x1f\x7f]*+)\}\}"
_SLASHES = re.compile(rf"(?<!\\)(\\++)(?=\{{\{{)(?=({_OPENING})?)")


def read_plain(text: str) -> str:
    """Our template of a text in which `{{name}}` is a variable and a backslash is a backslash."""
    return _SLASHES.sub(_double, text)


def _double(match: re.Match[str]) -> str:
    slashes = match[1]
    if match[2]:
        return slashes * 2
    # Before braces that open nothing an even run is text already; an odd one would be an escape.
    return slashes * 2 + "\\" if len(slashes) % 2 else slashes


def write_plain(template: str) -> str:
    """The inverse of `read_plain`. What was escaped comes out as it reads, `{{name}}`: a tool without escapes leaves
    it alone as long as nobody gives a value of that name."""
    return "".join(piece if isinstance(piece, str) else piece.source for piece in parse(template).pieces)


def write_single(template: str) -> str:
    """The text with each variable as `{name}`, and everything else as it reads."""
    pieces = parse(template).pieces
    return "".join(
        f"{{{piece.name}}}" if isinstance(piece, Slot) else piece.source if isinstance(piece, Reference) else piece
        for piece in pieces
    )


def mistakable(templates: Collection[str], names: Collection[str]) -> str | None:
    """The first of the names that stands in braces where it is text: in single braces a value would go there too."""
    for template in templates:
        pieces = parse(template).pieces
        single = write_single(template)
        for name in names:
            slots = sum(isinstance(piece, Slot) and piece.name == name for piece in pieces)
            if single.count(f"{{{name}}}") != slots:
                return name
    return None
