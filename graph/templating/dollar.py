"""Another notation for variables, `${name}` and `${name:default}`, brought into ours for imports.

What is taken for a variable:

- `${`, a name, perhaps `:` and a default without braces, `}`. Spaces at the ends of both are dropped. The
  name is 1 to 100 characters of one line, with a letter or a digit in it.
- Not what a program wrote: a name with a member (`a.b`), a call, an index, an operator, a quote or `//` in
  it is an expression, and a default that starts with `-`, `=`, `?` or `+` right after the colon is a shell's.
  Where a text holds a member, a call or an index, its bare `${name}` are taken to be of the same program.
- Not `\\${name}`: an odd backslash says that it is meant as it stands.

All that stays text; so does `${{ github.actor }}`, which ours would read as a dollar sign and a variable,
and a backslash before `{{` that opens no variable. `{{name}}` is a variable of ours already and stays one.

Names that are not ours are made so: letters lose their accents (NFKD), each run of other characters becomes
one `_`, those at the ends go, a leading digit gets a `_`, what is longer than 100 is cut, and a name of which
nothing is left is `variable`. Where two names would become one, the later is numbered: `name_2`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.domain.names import VARIABLE_PATTERN
from graph.domain.templates import Variable
from graph.templating.parser import Slot, parse

_LONGEST_NAME = 100
_FOREIGN = re.compile(
    r"(?P<action>\$\{\{ *+[A-Za-z_][A-Za-z0-9_-]*+\.[A-Za-z0-9_.-]++ *+\}\})"
    r"|(?<!\\)(?P<slashes>\\*+)\$\{(?P<name>[^{}:\n]{1,200}+)(?::(?P<default>[^{}]*+))?\}"
)
_PROGRAM = re.compile(r"\w(?:\.\w|\(|\[)")
_OPERATOR = re.compile(r'[=+*<>|;!#%^@"$`]|//|\?[ .?]')
_SHELL_DEFAULT = re.compile(r"[-=?+]")
_TAIL = re.compile(r"(?<!\\)(\\++)(\{*+)\Z")
_ODD_SLASHES = re.compile(r"(?<!\\)(\\(?:\\\\)*+)(?=\{\{)(?!\{\{++ *+[A-Za-z_][A-Za-z0-9_.-]*+ *+\}\})")


@dataclass(frozen=True, slots=True)
class Converted:
    """A text in our notation and what it took.

    `variables` are those with a default, as JSON text. `renamed` pairs the old name with the new one, and
    `dropped_defaults` a new name with a default that came after another: the first one wins.
    """

    text: str
    variables: tuple[Variable, ...]
    renamed: tuple[tuple[str, str], ...]
    dropped_defaults: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Ledger:
    """The names of one text, and the defaults that were found for them."""

    taken: set[str]
    names: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    dropped: dict[tuple[str, str], None] = field(default_factory=dict)

    def name(self, foreign: str) -> str:
        """Our name for a foreign one, always the same."""
        if foreign not in self.names:
            legal = foreign if VARIABLE_PATTERN.fullmatch(foreign) else self._free(legal_name(foreign))
            self.names[foreign] = legal
        return self.names[foreign]

    def note(self, name: str, default: str) -> None:
        """Keeps the first default of a name; told are others that differ."""
        if self.defaults.setdefault(name, default) != default:
            self.dropped[name, default] = None

    def _free(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.taken:
            number += 1
            ending = f"_{number}"
            candidate = name[: _LONGEST_NAME - len(ending)] + ending
        self.taken.add(candidate)
        return candidate


def convert_dollar_variables(text: str) -> Converted:
    """The text with its `${…}` in our notation. Read back, all else of it is what it was."""
    matches = [match for match in _FOREIGN.finditer(text) if _may_convert(match)]
    is_program = any(_is_program(match) for match in _FOREIGN.finditer(text))
    chosen = [match for match in matches if match["default"] is not None or not is_program]
    ours = {piece.name for piece in parse(text).pieces if isinstance(piece, Slot)}
    ledger = _Ledger(ours | {match["name"].strip() for match in chosen})
    return Converted(
        text="".join(_rewrite(text, chosen, ledger)),
        variables=tuple(
            Variable(name, default_value=json.dumps(default, ensure_ascii=False))
            for name, default in ledger.defaults.items()
        ),
        renamed=tuple((old, new) for old, new in ledger.names.items() if old != new),
        dropped_defaults=tuple(ledger.dropped),
    )


def legal_name(foreign: str) -> str:
    """A name of ours for any other, by the rule at the head of this module."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", foreign) if not unicodedata.combining(c))
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") or "variable"
    return ("_" + name if name[0].isdigit() else name)[:_LONGEST_NAME]


def _may_convert(match: re.Match[str]) -> bool:
    if match["action"] or len(match["slashes"]) % 2 or _is_program(match):
        return False
    name, default = match["name"].strip(), match["default"]
    if _OPERATOR.search(name):
        return False
    if default is not None and _SHELL_DEFAULT.match(default):
        return False
    return len(name) <= _LONGEST_NAME and any(character.isalnum() for character in name)


def _is_program(match: re.Match[str]) -> bool:
    return not match["action"] and _PROGRAM.search(match["name"]) is not None


def _rewrite(text: str, matches: list[re.Match[str]], ledger: _Ledger) -> Iterator[str]:
    position = 0
    for match in matches:
        name = ledger.name(match["name"].strip())
        if match["default"] is not None:
            ledger.note(name, match["default"].strip())
        yield _keep(text[position : match.end("slashes")], before_variable=True)
        yield f"{{{{{name}}}}}"
        position = match.end()
    yield _keep(text[position:], before_variable=False)


def _keep(text: str, before_variable: bool) -> str:
    """The text so that it reads as itself: only what our grammar would take for an escape or a variable changes."""
    tail = ""
    if before_variable and (match := _TAIL.search(text)):
        # Before a variable, also with braces between, each pair of backslashes is one.
        text, tail = text[: match.start()], match[1] * 2 + match[2]
    text = _ODD_SLASHES.sub(lambda match: match[1] * 2 + "\\", text)
    return _escape_actions(text) + tail


def _escape_actions(text: str) -> str:
    return _FOREIGN.sub(lambda match: match[0].replace("${{", "$\\{{", 1) if match["action"] else match[0], text)
