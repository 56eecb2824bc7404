"""Humanloop's `.prompt` files: YAML, then messages in tags, `<system>…</system>`; a text without tags is a text.

Tags count at the beginning of a line and outside of a message only, so what a message says makes no other. A message's
common indentation is the file's, not its own. Images, and the ids of tools' messages, have no place here.
"""

import re
import textwrap

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.limits import Limits
from graph.domain.parameters import settings_from_parameters
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, ModelSettings, PromptTemplate, TextTemplate
from graph.exchange.account import Account, snapshot_of, take_text
from graph.exchange.entries import Snapshot
from graph.exchange.source import SourceFile, split_document
from graph.templating.foreign import shorten
from graph.templating.jinja import read_jinja
from graph.templating.parser import parse
from graph.templating.plain import read_plain

FORM = "humanloop"
ASIDE = ("provider", "endpoint", "template_language", "path", "attributes", "description")
OPENING = re.compile(r"^[ \t]*+<(system|developer|user|assistant|tool)((?:\s[^<>\n]*+)?)>", re.MULTILINE)
_PART = re.compile(r"<(image|tool)\b[^<>]*+>")
_TEXT = re.compile(r"<text>[ \t]*\n?(.*?)\n?[ \t]*</text>", re.DOTALL)


def read_humanloop_file(source: SourceFile, limits: Limits) -> Snapshot:
    """The file as a prompt. Raises InvalidInputError."""
    document = split_document(source)
    head = document.head
    account = Account(FORM, document)
    for key in ASIDE:
        if key in head and key != "description":
            account.keep((key,), head[key])
    template = _read_template(account, is_jinja=head.get("template_language") == "jinja")
    description = take_text(head, "description")
    return snapshot_of(source, account, template, (), _read_settings(head, account), description=description)


def _read_settings(head: JSONObject, account: Account) -> ModelSettings | None:
    parameters = {key: value for key, value in head.items() if key not in ASIDE and value is not None}
    if parameters.get("max_tokens") == -1:
        account.tell_key(("max_tokens",), "-1 is no bound, which is not written here")
        del parameters["max_tokens"]
    if isinstance(tools := parameters.get("tools"), list):
        parameters["tools"] = [_read_tool(tool, str(index), account) for index, tool in enumerate(tools)]
    return settings_from_parameters(parameters)


def _read_tool(tool: object, index: str, account: Account) -> JSONObject:
    if not isinstance(tool, dict):
        raise InvalidInputError("This must be an object.", ("tools", index))
    if "function" in tool:
        return tool
    for key in tool.keys() - {"name", "description", "parameters", "strict"}:
        account.keep(("tools", index, key), tool[key])
    function = {key: tool[key] for key in ("name", "description", "parameters", "strict") if key in tool}
    return {"type": "function", "function": function}


def _read_template(account: Account, is_jinja: bool) -> PromptTemplate:
    body = account.document.body
    messages: list[ChatMessage] = []
    position = 0
    while match := OPENING.search(body, position):
        _refuse_stray(account, position, match.start())
        end = body.find(f"</{match[1]}>", match.end())
        if end < 0:
            raise _fault(account, match.start(1), f"<{match[1]}> is never closed")
        if match[2].strip():
            line = account.document.line_of(match.start(1))
            account.tell(line, f"`{shorten(match[0])}`", "a message has a role and nothing else")
        content = _read_content(account, match.end(), end, is_jinja)
        messages.append(ChatMessage(ChatRole(match[1]), content))
        position = end + len(f"</{match[1]}>")
    if not messages:
        return TextTemplate(_convert(account, body.strip("\n"), len(body) - len(body.lstrip("\n")), is_jinja))
    _refuse_stray(account, position, len(body))
    return ChatTemplate(tuple(messages))


def _refuse_stray(account: Account, start: int, end: int) -> None:
    stray = account.document.body[start:end]
    if stray.strip():
        raise _fault(account, start + len(stray) - len(stray.lstrip()), "this text stands in no message")


def _fault(account: Account, position: int, why: str) -> InvalidInputError:
    return InvalidInputError(f"line {account.document.line_of(position)}: {why}.")


def _read_content(account: Account, start: int, end: int, is_jinja: bool) -> str:
    body = account.document.body
    for part in _PART.finditer(body, start, end):
        why = "media is not kept: a template is text" if part[1] == "image" else "calls of tools are not kept"
        account.tell(account.document.line_of(part.start()), f"`{shorten(part[0])}`", why)
    inside = body[start:end]
    if not _PART.search(inside):
        inside = _TEXT.sub(r"\1", inside)
    content = textwrap.dedent(inside.strip("\n") if "\n" in inside else inside.strip())
    return _convert(account, content.rstrip(), start + len(inside) - len(inside.lstrip("\n")), is_jinja)


def _convert(account: Account, content: str, start: int, is_jinja: bool) -> str:
    """Our template of the content, which begins on the line of `start`."""
    line = account.document.line_of(start)
    if is_jinja:
        text = read_jinja(content)
        for loss in text.losses:
            account.tell(line + content.count("\n", 0, loss.position), f"`{loss.what}`", loss.why)
        return text.template()
    template = read_plain(content)
    for warning in parse(template).warnings:
        account.tell(line + warning.line - 1, "`{{`", warning.message.rstrip("."))
    return template
