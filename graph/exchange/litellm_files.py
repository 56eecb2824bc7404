"""LiteLLM's `.prompt` files as prompts: `name.prompt`, and `name.v1.prompt`, `name.v2.prompt` as one with a history.

The dialect is told in `litellm_dotprompt`, whose strict reading is the wire's. Here what is more than `{{ name }}`
stays text, and is told. Versions are numbered anew from 1 where some are missing.
"""

import re
from collections.abc import Sequence

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import ChatRole, ChatTemplate, PromptTemplate, TextTemplate, Variable
from graph.exchange.account import Account, snapshot_of
from graph.exchange.chat_text import build_chat, line_boundaries
from graph.exchange.entries import Entry, Refused, Snapshot, refuse
from graph.exchange.litellm_dotprompt import ROLE_LINE, read_settings, read_variables
from graph.exchange.source import SourceFile, split_document, stem_of
from graph.exchange.versions import Numbered, merge_versions
from graph.templating.foreign import ForeignText
from graph.templating.jinja import read_jinja

FORM = "litellm"
_NUMBER = re.compile(r"\.v([1-9][0-9]{0,8})\Z")
_LINE = re.compile("^" + ROLE_LINE.pattern, re.MULTILINE)
_INPUT = ("schema", "default")
_OUTPUT = ("schema", "format")


def base_name(parts: tuple[str, ...]) -> str:
    """The prompt's name: the path without `.prompt` and a version."""
    return _NUMBER.sub("", stem_of(parts))


def version_of(source: SourceFile) -> int | None:
    """The number in the file's name."""
    match = _NUMBER.search(source.stem)
    return int(match[1]) if match else None


def read_litellm_files(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    """The files of one prompt as one entry, and a refusal for each that cannot be read."""
    refused: list[Entry] = []
    read: list[Numbered] = []
    numbers = {version_of(source) for source in sources}
    for source in sources:
        number = version_of(source)
        try:
            if number is None and 1 in numbers:
                raise InvalidInputError(f"There is a file of version 1 beside it. Name it {source.stem}.v….prompt.")
            read.append(Numbered(number or 1, source.modified, read_litellm_file(source, limits)))
        except InvalidInputError as error:
            refused.append(refuse(source.place, error, base_name(source.parts)))
    if refused and len(sources) > 1:
        # Half a history would be numbered differently on the next import.
        why = "Another version of this prompt was refused. Mend that one first."
        return [*refused, *(Refused(one.snapshot.place, why, one.snapshot.name) for one in read)]
    return [*refused, *merge_versions(read)]


def read_litellm_file(source: SourceFile, limits: Limits) -> Snapshot:
    """One file as a prompt. Raises InvalidInputError."""
    document = split_document(source)
    account = Account(FORM, document)
    text = read_jinja(document.body)
    account.tell_losses(text)
    for group, known in (("input", _INPUT), ("output", _OUTPUT)):
        given = document.head.get(group) or {}
        for key in given.keys() - set(known) if isinstance(given, dict) else ():
            account.keep((group, key), given[key])
    variables = _used(read_variables(document.head), text.names(), account)
    template = _read_template(text, account)
    head = dict(document.head)
    if "model" in head and account.take_model(("model",), head["model"]) is None:
        del head["model"]
    return snapshot_of(source, account, template, variables, read_settings(head), name=base_name(source.parts))


def _used(variables: Sequence[Variable], used: set[str], account: Account) -> list[Variable]:
    for variable in variables:
        if variable.name not in used:
            account.tell_key(("input", "schema", variable.name), "the text does not use it, and it is left out")
    return [variable for variable in variables if variable.name in used]


def _read_template(text: ForeignText, account: Account) -> PromptTemplate:
    boundaries = line_boundaries(text, _LINE, account)
    if boundaries:
        return ChatTemplate(build_chat(text, boundaries, ChatRole.USER, trim=" \t\n", keeps_empty=True))
    source = text.source
    start = len(source) - len(source.lstrip())
    return TextTemplate(text.template(start, max(start, len(source.rstrip()))))
