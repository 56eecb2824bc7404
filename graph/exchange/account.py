"""What became of a foreign file's parts that are more than a template: kept where they have a place, and told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, compact_json
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import ModelSettings, PromptTemplate, Variable, VariableType
from graph.exchange.entries import Snapshot
from graph.exchange.source import Document, SourceFile
from graph.templating.foreign import ForeignText, shorten

TOLD = 200
KINDS = {
    **dict.fromkeys(("string", "str"), VariableType.STRING),
    **dict.fromkeys(("number", "integer", "int", "float"), VariableType.NUMBER),
    **dict.fromkeys(("boolean", "bool"), VariableType.BOOLEAN),
    **dict.fromkeys(("array", "list", "object", "dict"), VariableType.JSON),
}
_FILLED_IN = re.compile(r"\$\{|\{\{")
_SECRETS = frozenset(("apikey", "secret", "clientsecret", "password", "token", "accesstoken", "authorization"))


@dataclass(slots=True)
class Account:
    """The notes on one file, and what of it goes into the metadata, under the format's name."""

    form: str
    document: Document
    told: list[tuple[int, str]] = field(default_factory=list)
    kept: JSONObject = field(default_factory=dict)

    def tell(self, line: int, what: str, why: str) -> None:
        """A note with the line of the file."""
        self.told.append((line, f"line {line}: {what}: {why}."))

    def tell_key(self, path: tuple[str, ...], why: str) -> None:
        """A note on a key of the front matter."""
        self.tell(self._line(path), f"`{'.'.join(path)}`", why)

    def tell_losses(self, text: ForeignText, start: int = 0) -> None:
        """Notes on what of the body stays text; `start` is where in the body the text begins."""
        line, counted = self.document.line_of(start), 0
        for loss in sorted(text.losses, key=lambda one: one.position):
            line += text.source.count("\n", counted, loss.position)
            counted = loss.position
            self.tell(line, f"`{loss.what}`", loss.why)

    def keep(self, path: tuple[str, ...], value: Any, why: str = "it has no place here") -> None:
        """Keeps a value of the front matter in the metadata, and tells. Secrets in it are not kept."""
        if _is_secret(path[-1]):
            self.tell_key(path, "a secret is not kept")
            return
        target = self.kept
        for key in path[:-1]:
            target = target.setdefault(key, {})
        target[path[-1]] = self._without_secrets(path, value)
        self.tell_key(path, f"{why}; it is kept in the metadata")

    def _without_secrets(self, path: tuple[str, ...], value: Any) -> Any:
        if isinstance(value, list):
            return [self._without_secrets((*path, str(index)), item) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        for key in filter(_is_secret, value):
            self.tell_key((*path, key), "a secret is not kept")
        return {key: self._without_secrets((*path, key), item) for key, item in value.items() if not _is_secret(key)}

    def take_model(self, path: tuple[str, ...], model: Any) -> Any:
        """The name of a model; None, and a note, where it is to be filled in."""
        if isinstance(model, str) and _FILLED_IN.search(model):
            self.keep(path, model, "a model's name is not filled in here, so none is set")
            return None
        return model

    def keep_rest(self, head: JSONObject, known: Iterable[str]) -> None:
        """Keeps all keys at the top of the front matter that are not known."""
        for key, value in head.items():
            if key not in set(known):
                self.keep((key,), value)

    def notes(self) -> tuple[str, ...]:
        """By line; of very many the first."""
        notes = [note for _, note in sorted(self.told, key=lambda one: one[0])]
        more = [f"… and {len(notes) - TOLD} more notes."] if len(notes) > TOLD else []
        return (*notes[:TOLD], *more)

    def _line(self, path: tuple[str, ...]) -> int:
        """The line of the key, which in picoschema goes on with more than its name, or else of the one above it."""
        lines = self.document.lines
        while path and path not in lines:
            written = (
                key for key in lines if key[:-1] == path[:-1] and key[-1].startswith((f"{path[-1]}?", f"{path[-1]}("))
            )
            path = next(written, path[:-1])
        return lines.get(path, 1)

    def declare(self, path: tuple[str, ...], name: str, schema: Any, default: Any, used: set[str]) -> list[Variable]:
        """The variable that JSON schema tells of; none, and a note, when the template has no use for it.

        A default of None is none. Of the schema the type and the description are the variable's.
        """
        facts: JSONObject = schema if isinstance(schema, dict) else {"schema": schema}
        if name not in used:
            self.keep(path, schema if default is None else {**facts, "default": default}, "the text does not use it")
            return []
        if facts is not schema:
            self.keep(path, schema, "it is no schema")
            facts = {}
        return self._declare_used(path, name, facts, default)

    def _declare_used(self, path: tuple[str, ...], name: str, schema: JSONObject, default: Any) -> list[Variable]:
        kind = _kind_of_schema(schema)
        if default is not None and kind is not None and kind is not _kind_of(default):
            self.tell_key(path, f"its default {shorten(repr(default))} is not of its type, and is left out")
            default = None
        if rest := {key: value for key, value in schema.items() if key not in ("type", "description", "default")}:
            self.keep(path, rest, "of a variable's schema only type and description are used")
        kind = kind or (VariableType.STRING if default is None else _kind_of(default))
        written = None if default is None else compact_json(default)
        return [Variable(name, kind, _text(schema.get("description")), written)]


def _is_secret(key: str) -> bool:
    return key.lower().replace("_", "").replace("-", "") in _SECRETS


def _kind_of_schema(schema: JSONObject) -> VariableType | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    return KINDS.get(kind.lower()) if isinstance(kind, str) else None


def _kind_of(value: Any) -> VariableType:
    if isinstance(value, bool):
        return VariableType.BOOLEAN
    if isinstance(value, int | float):
        return VariableType.NUMBER
    return VariableType.STRING if isinstance(value, str) else VariableType.JSON


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def take_text(head: JSONObject, key: str) -> str | None:
    """A text of the front matter. Raises InvalidInputError for anything else than one line or more of text."""
    value = head.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInputError("This must be text.", (key,))
    return _text(value)


def take_object(head: JSONObject, key: str) -> JSONObject:
    """An object of the front matter; absent, the empty one."""
    value = head.get(key)
    if not isinstance(value, dict | None):
        raise InvalidInputError("This must be an object.", (key,))
    return value or {}


def snapshot_of(
    source: SourceFile,
    account: Account,
    template: PromptTemplate,
    variables: Iterable[Variable],
    settings: ModelSettings | None,
    name: str | None = None,
    **facts: Any,
) -> Snapshot:
    """The prompt. Facts that the file tells follow it on the next import too."""
    metadata = {account.form: account.kept} if account.kept else {}
    given = {key: value for key, value in {**facts, "metadata": metadata}.items() if value}
    draft = PromptDraft(name or source.stem, VersionDraft(template, tuple(variables), settings), **given)
    return Snapshot(source.place, draft, frozenset(given), account.notes())
