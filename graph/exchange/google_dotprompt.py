"""Google's dotprompt: YAML with `config`, picoschema and defaults, then Handlebars with `{{role}}` and `{{history}}`.

The path is the name, and the file's own `name` the title. A text in which no role is said is a text, which renders to
one message of the user as it does there. `model` speaks as `assistant`. LiteLLM's files have the same suffix and are
others.
"""

from dataclasses import replace
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.limits import Limits
from graph.domain.parameters import settings_from_parameters
from graph.domain.templates import ChatRole, ChatTemplate, ModelSettings, PromptTemplate, TextTemplate, Variable
from graph.exchange.account import Account, snapshot_of, take_object, take_text
from graph.exchange.chat_text import build_chat, mark_boundaries
from graph.exchange.entries import Snapshot
from graph.exchange.model_options import read_options
from graph.exchange.schemas import read_picoschema
from graph.exchange.source import SourceFile, split_document
from graph.templating.foreign import ForeignText
from graph.templating.handlebars import read_handlebars

FORM = "dotprompt"
KEYS = frozenset(("name", "description", "model", "config", "input", "output", "toolDefs"))
RESERVED = KEYS | {"ext", "raw", "tools", "variant", "version", "metadata"}


def read_dotprompt_file(source: SourceFile, limits: Limits) -> Snapshot:
    """The file as a prompt. Raises InvalidInputError."""
    document = split_document(source)
    if document.head:
        lead = len(document.body) - len(document.body.lstrip())
        line = document.line_of(lead)
        document = replace(document, body=document.body.strip(), body_line=line)
    account = Account(FORM, document)
    text = read_handlebars(document.body, divides=True)
    account.tell_losses(text)
    account.keep_rest(document.head, KEYS)
    return snapshot_of(
        source,
        account,
        _read_template(text),
        _read_variables(document.head, text.names(), account),
        _read_settings(document.head, account),
        title=take_text(document.head, "name"),
        description=take_text(document.head, "description"),
    )


def _read_template(text: ForeignText) -> PromptTemplate:
    if not text.marks():
        return TextTemplate(text.template())
    parts = build_chat(text, mark_boundaries(text, ChatRole.ASSISTANT), ChatRole.USER)
    return ChatTemplate(parts)


def _read_variables(head: JSONObject, used: set[str], account: Account) -> list[Variable]:
    given = take_object(head, "input")
    for key in given.keys() - {"schema", "default"}:
        account.keep(("input", key), given[key])
    defaults = take_object(given, "default")
    schema = _read_schema(given.get("schema"), ("input", "schema"), account) or {}
    properties = schema.get("properties", {})
    if schema and (not isinstance(properties, dict) or schema.get("type") != "object"):
        account.keep(("input", "schema"), given["schema"], "it names no variables")
        properties = {}
    required = schema.get("required")
    found: list[Variable] = []
    for name in dict.fromkeys((*properties, *defaults)):
        path = ("input", "schema" if name in properties else "default", name)
        one: Any = properties.get(name, {})
        default = defaults.get(name, "" if name in properties and _is_empty_text(one, name, required) else None)
        found += account.declare(path, name, one, default, used)
    return found


def _is_empty_text(schema: Any, name: str, required: Any) -> bool:
    """An optional text that nobody gives is the empty one there."""
    is_required = isinstance(required, list) and name in required
    return not is_required and isinstance(schema, dict) and schema.get("type") in ("string", ["string", "null"])


def _read_schema(value: Any, path: tuple[str, ...], account: Account) -> JSONObject | None:
    if value is None:
        return None
    try:
        return read_picoschema(value)
    except InvalidInputError as error:
        account.keep(path, value, error.message.rstrip("."))
        return None


def _read_settings(head: JSONObject, account: Account) -> ModelSettings | None:
    parameters = read_options(take_object(head, "config"), ("config",), account)
    if model := take_text(head, "model"):
        parameters["model"] = model
    if tools := _read_tools(head, account):
        parameters["tools"] = tools
    settings = settings_from_parameters(parameters)
    output = take_object(head, "output")
    schema = _read_schema(output.get("schema"), ("output", "schema"), account)
    if schema is not None:
        settings = replace(settings or ModelSettings(), response_schema=schema)
    for key, value in output.items():
        if key != "schema" and (key, value) != ("format", "json" if schema else "text"):
            account.keep(("output", key), value)
    return settings


def _read_tools(head: JSONObject, account: Account) -> list[JSONObject]:
    tools = head.get("toolDefs") or []
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise InvalidInputError("This must be a list of objects.", ("toolDefs",))
    return [_read_tool(tool, str(index), account) for index, tool in enumerate(tools)]


def _read_tool(tool: JSONObject, index: str, account: Account) -> JSONObject:
    function = {key: tool[key] for key in ("name", "description") if key in tool}
    schema = _read_schema(tool.get("inputSchema"), ("toolDefs", index, "inputSchema"), account)
    for key in tool.keys() - {"name", "description", "inputSchema"}:
        account.keep(("toolDefs", index, key), tool[key])
    return {"type": "function", "function": {**function, **({"parameters": schema} if schema else {})}}
