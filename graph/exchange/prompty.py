"""Microsoft's Prompty, its first version and its second: YAML, then Jinja2 or Mustache in which lines name roles.

The path is the name, `displayName` or `name` the title. What is before the first line with a role says the system, as
it does there. An input of the kind `thread` is a place for messages. Connections and the secrets in them are not kept.
"""

import re
from dataclasses import replace
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.limits import Limits
from graph.domain.parameters import settings_from_parameters
from graph.domain.templates import ChatRole, ChatTemplate, ModelSettings, Variable
from graph.exchange.account import Account, snapshot_of, take_text
from graph.exchange.chat_text import build_chat, line_boundaries, mark_boundaries
from graph.exchange.entries import Snapshot
from graph.exchange.model_options import read_options
from graph.exchange.schemas import named_properties, read_properties, read_property
from graph.exchange.source import SourceFile, split_document
from graph.templating.foreign import ForeignText, Loss, Mark, MarkKind, Span
from graph.templating.handlebars import read_handlebars
from graph.templating.jinja import read_jinja
from graph.templating.parser import Slot

FORM = "prompty"
KEYS = frozenset(("name", "displayName", "description", "tags", "model", "inputs", "outputs", "tools", "template"))
_LINE = re.compile(
    r"^[ \t]*+#?[ \t]*+(system|developer|user|assistant)[ \t]*+(\[[^\]\n]*+\])?[ \t]*+:[ \t]*+$\n?",
    re.MULTILINE | re.IGNORECASE,
)
_RICH = ("image", "file", "audio")
_CONNECTION = "the connection is the server's setting, and is not kept"


def read_prompty_file(source: SourceFile, limits: Limits) -> Snapshot:
    """The file as a prompt. Raises InvalidInputError."""
    document = split_document(source)
    head = document.head
    account = Account(FORM, document)
    inputs = named_properties(_in_file(head, "inputs", account) or {})
    text = _set_apart(_take_apart(head.get("template"), document.body), inputs)
    account.tell_losses(text)
    account.keep_rest(head, KEYS)
    lines = line_boundaries(text, _LINE, account)
    for match in _LINE.finditer(document.body):
        if match[2]:
            account.tell(document.line_of(match.start(1)), f"`{match[2][:60]}`", "a message has only a role")
    parts = build_chat(text, [*lines, *mark_boundaries(text)], ChatRole.SYSTEM, trim="\n", keeps_empty=True)
    return snapshot_of(
        source,
        account,
        ChatTemplate(parts),
        _read_variables(inputs, text.names(), account),
        _read_settings(head, account),
        title=take_text(head, "displayName") or take_text(head, "name"),
        description=take_text(head, "description"),
        tags=_read_tags(head, account),
    )


def _in_file(head: JSONObject, key: str, account: Account) -> Any:
    """The value, unless it is the name of another file."""
    value = head.get(key)
    if not isinstance(value, str):
        return value
    account.keep((key,), value, "another file is not read")
    return None


def _take_apart(template: Any, body: str) -> ForeignText:
    kind = template
    if isinstance(template, dict):
        kind = template.get("format", template.get("type", "jinja2"))
    if isinstance(kind, dict):
        kind = kind.get("kind", "jinja2")
    if kind in (None, "jinja2", "nunjucks"):
        return read_jinja(body)
    if kind in ("mustache", "handlebars"):
        return read_handlebars(body)
    raise InvalidInputError(
        f"Templates of the kind {str(kind)[:60]!r} are not read; jinja2 and mustache are.", ("template",)
    )


def _set_apart(text: ForeignText, inputs: dict[str, Any]) -> ForeignText:
    """The text with messages' places as marks, and media as text."""
    kinds = {name: str(one.get("kind", one.get("type"))) for name, one in inputs.items() if isinstance(one, dict)}
    spans: list[Span] = []
    losses = list(text.losses)
    for span in text.spans:
        kind = kinds.get(span.means.name) if isinstance(span.means, Slot) else None
        if not isinstance(span.means, Slot) or kind not in ("thread", *_RICH):
            spans.append(span)
        elif kind == "thread" and not any(start <= span.start < end for start, end in text.blocks):
            spans.append(Span(span.start, span.end, Mark(MarkKind.HISTORY, span.means.name)))
        else:
            why = "messages on a condition are not kept" if kind == "thread" else "media is not kept"
            losses.append(Loss(span.start, text.source[span.start : span.end], why))
    return replace(text, spans=tuple(spans), losses=tuple(losses))


def _read_variables(inputs: dict[str, Any], used: set[str], account: Account) -> list[Variable]:
    found: list[Variable] = []
    for name, one in inputs.items():
        kind = one.get("kind", one.get("type")) if isinstance(one, dict) else None
        if kind == "thread" or kind in _RICH:
            continue
        schema = read_property(one)
        is_optional = isinstance(one, dict) and one.get("required") is False and schema.get("type") == "string"
        default = schema.pop("default", "" if is_optional else None)
        found += account.declare(("inputs", name), name, schema, default, used)
    return found


def _read_tags(head: JSONObject, account: Account) -> tuple[str, ...]:
    tags = head.get("tags")
    if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
        return tuple(tags)
    if tags is not None:
        account.keep(("tags",), tags, "tags are a list of texts")
    return ()


def _read_settings(head: JSONObject, account: Account) -> ModelSettings | None:
    model = head.get("model")
    if not isinstance(model, dict):
        model = {"id": model} if account.take_model(("model",), model) else {}
    parameters = _read_model(model, account)
    if tools := _read_tools(_in_file(head, "tools", account) or [], account):
        parameters["tools"] = tools
    settings = settings_from_parameters(parameters)
    if outputs := _in_file(head, "outputs", account):
        schema = {**read_properties(outputs), "additionalProperties": False}
        settings = replace(settings or ModelSettings(), response_schema=schema)
    return settings


def _read_model(model: JSONObject, account: Account) -> JSONObject:
    found: JSONObject = {}
    for key, value in model.items():
        path = ("model", key)
        if key in ("options", "parameters") and isinstance(value, dict):
            found |= read_options(value, path, account)
        elif key == "configuration" and isinstance(value, dict):
            name = next((value[one] for one in ("name", "model", "azure_deployment") if one in value), None)
            name = account.take_model(path, name)
            found |= {"model": name} if name else {}
            account.tell_key(path, _CONNECTION)
        elif key == "connection":
            account.tell_key(path, _CONNECTION)
        elif key == "id":
            name = account.take_model(path, value)
            found |= {"model": name} if name is not None else {}
        elif (key, value) not in (("api", "chat"), ("apiType", "chat")):
            account.keep(path, value)
    return found


def _read_tools(tools: Any, account: Account) -> list[JSONObject]:
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise InvalidInputError("This must be a list of objects.", ("tools",))
    found = []
    for index, tool in enumerate(tools):
        path = ("tools", str(index))
        if tool.get("kind", tool.get("type", "function")) != "function":
            account.keep(path, tool, "only functions are tools here")
            continue
        for key in tool.keys() - {"name", "kind", "type", "description", "parameters", "strict"}:
            account.keep((*path, key), tool[key])
        found.append(_read_function(tool))
    return found


def _read_function(tool: JSONObject) -> JSONObject:
    function: JSONObject = {key: tool[key] for key in ("name", "description", "strict") if key in tool}
    if "parameters" in tool:
        function["parameters"] = read_properties(tool["parameters"])
    return {"type": "function", "function": function}
