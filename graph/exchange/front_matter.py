"""The YAML at the head of a Markdown file: the part of YAML that says what JSON says, and nothing else.

Read off the parser's events, not by PyYAML's constructors, so that no anchor, alias, tag, merge or date can do
anything: they are refused, or are text. Of plain words only `true`, `false`, `null`, `~` and decimal numbers are
more than text; `no`, `on`, `12:30` and `2026-01-30` are what they look like. A key may stand once in its mapping.
"""

import math
import re
from typing import Any

import yaml

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject

# The parser in C is a hundred times as fast and comes with PyYAML's wheels; the one in Python reads the same.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})")
_FLOAT = re.compile(r"[-+]?[0-9]{1,400}\.[0-9]{0,400}(?:[eE][-+][0-9]{1,4})?")


def load_yaml(text: str, depth: int, above: int = 0) -> Any:
    """The value. Raises InvalidInputError for anything but plain YAML.

    It tells the line in the file, where `above` are the lines that stand above the text.
    """
    builder = _Builder(depth)
    try:
        for event in yaml.parse("\n" * above + text, Loader=_PARSER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise InvalidInputError(f"The front matter is no YAML{_where(error)}") from None
    return builder.result


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line, from 1, of each key and item in YAML that `load_yaml` has read, by the keys above and its own."""
    found: dict[tuple[str, ...], int] = {}
    waiting: list[tuple[tuple[str, ...], Any]] = [((), yaml.compose(text, Loader=_PARSER))]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*path, key.value)] = key.start_mark.line + 1
                waiting.append(((*path, key.value), value))
        elif isinstance(node, yaml.SequenceNode):
            waiting += [((*path, str(index)), item) for index, item in enumerate(node.value)]
            found |= {(*path, str(index)): item.start_mark.line + 1 for index, item in enumerate(node.value)}
    return found


def _where(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    line = f" at line {mark.line + 1}" if mark else ""
    return f"{line}: {problem}." if problem else f"{line}."


class _Builder:
    """Builds the value out of the events, without recursion."""

    def __init__(self, depth: int) -> None:
        self.result: Any = None
        self._depth = depth
        self._open: list[_Mapping | list[Any]] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _fault(event, "Anchors and aliases are not read. Write the value out")
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _fault(event, "There is a second document. Write one")
        elif isinstance(event, yaml.ScalarEvent):
            self._put(event, _scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._put(event, done.items if isinstance(done, _Mapping) else done)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag not in (None, "!"):
            raise _fault(event, "Tags are not read. Leave it out")
        if len(self._open) >= self._depth:
            raise _fault(event, f"It is nested deeper than {self._depth} levels")
        self._open.append(_Mapping() if isinstance(event, yaml.MappingStartEvent) else [])

    def _put(self, event: yaml.Event, value: Any) -> None:
        if not self._open:
            self.result = value
        elif isinstance(self._open[-1], _Mapping):
            self._open[-1].put(event, value)
        else:
            self._open[-1].append(value)


class _Mapping:
    """An object that grows by a key and a value in turn."""

    def __init__(self) -> None:
        self.items: JSONObject = {}
        self._key: str | None = None

    def put(self, event: yaml.Event, value: Any) -> None:
        if self._key is not None:
            self.items[self._key] = value
            self._key = None
            return
        if not isinstance(value, str):
            raise _fault(event, "A key is text. Put it in quotes")
        if value in self.items:
            raise _fault(event, f"The key {value[:60]!r} is there twice")
        self._key = value


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.tag not in (None, "!"):
        raise _fault(event, "Tags are not read. Put text in quotes instead")
    text: str = event.value
    if event.tag == "!" or not event.implicit[0]:
        return text
    if text in _NULLS:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _FLOAT.fullmatch(text) else math.nan
    return number if math.isfinite(number) else text


def _fault(event: yaml.Event, message: str) -> InvalidInputError:
    line = event.start_mark.line + 1 if event.start_mark else "?"
    return InvalidInputError(f"{message} (line {line}).")


def dump_yaml(value: JSONObject) -> str:
    """The object as YAML that `load_yaml`, and any YAML 1.1 or 1.2 reader, reads as the same object."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=math.inf
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block; never an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """A block for lines; quotes with escapes for what else YAML takes for a line break, and would make one of."""
    if re.search("[\r\x85\u2028\u2029]", text):
        return '"'
    return "|" if "\n" in text else None


_Dumper.add_representer(str, _represent_text)
