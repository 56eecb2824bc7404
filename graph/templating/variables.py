"""What a template needs, and what makes the content of a version valid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graph.domain.errors import InvalidInputError, InvalidVariableError
from graph.domain.limits import Limits
from graph.domain.names import VARIABLE_PATTERN, Path, clean_text
from graph.domain.prompts import VersionDraft
from graph.domain.rules import clean_settings
from graph.domain.templates import (
    ChatMessage,
    Content,
    MessagesPlaceholder,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.templating.parser import WARNINGS_TOLD, Slot, TemplateWarning, parse
from graph.templating.values import read_default

_Uses = dict[str, tuple[VariableType, Path]]


def build_content(draft: VersionDraft, limits: Limits) -> Content:
    """The draft's content, every rule checked. Raises InvalidInputError with the path of the field at fault."""
    check_template(draft.template, limits)
    return Content(
        template=draft.template,
        variables=resolve_variables(draft.template, draft.variables, limits),
        model_settings=clean_settings(draft.model_settings, limits),
    )


def check_template(template: PromptTemplate, limits: Limits) -> None:
    """Bounds the text, over all parts together, and the parts. A message's content may be empty."""
    if isinstance(template, TextTemplate):
        clean_text(template.text, limits.template, "A template", ("template", "text"), least=1)
        return
    if not 1 <= len(template.parts) <= limits.parts:
        raise InvalidInputError(
            f"A chat has 1 to {limits.parts} parts; this has {len(template.parts)}.", ("template", "chat")
        )
    for text, path in _texts(template):
        clean_text(text, limits.template, "A message", path)
    if (total := sum(len(text) for text, _ in _texts(template))) > limits.template:
        raise InvalidInputError(
            f"A chat has at most {limits.template} characters in all; this has {total}.", ("template", "chat")
        )


def template_warnings(template: PromptTemplate) -> tuple[TemplateWarning, ...]:
    """What looks like a slip in the template but is kept as text; the first hundred."""
    if isinstance(template, TextTemplate):
        return parse(template.text).warnings
    warnings = [
        replace(warning, part=index)
        for index, part in enumerate(template.parts)
        if isinstance(part, ChatMessage)
        for warning in parse(part.content).warnings
    ]
    return tuple(warnings[:WARNINGS_TOLD])


def resolve_variables(template: PromptTemplate, declared: Sequence[Variable], limits: Limits) -> tuple[Variable, ...]:
    """What the template names, in order of first use, with what was declared about it.

    A text's variables are strings unless declared otherwise; placeholders take messages. Raises
    InvalidInputError, its path at the template or at the declaration.
    """
    uses = _find_uses(template, limits)
    known: dict[str, Variable] = {}
    for index, variable in enumerate(declared):
        path = ("variables", str(index))
        if variable.name in known:
            raise InvalidInputError(f"The variable {_short(variable.name)} is declared twice.", (*path, "name"))
        known[variable.name] = _clean_declared(variable, uses, limits, path)
    _check_weight(known, limits)
    return tuple(known.get(name) or Variable(name, kind) for name, (kind, _) in uses.items())


def _find_uses(template: PromptTemplate, limits: Limits) -> _Uses:
    uses: _Uses = {}
    for name, kind, path in _mentions(template, limits):
        if uses.setdefault(name, (kind, path))[0] is not kind:
            raise InvalidInputError(f"{name!r} names both a variable and a placeholder. Rename one of them.", path)
        if len(uses) > limits.variables:
            raise InvalidInputError(f"A version has at most {limits.variables} variables; this has more.", path)
    return uses


def _mentions(template: PromptTemplate, limits: Limits) -> Iterator[tuple[str, VariableType, Path]]:
    if isinstance(template, TextTemplate):
        path: Path = ("template", "text")
        yield from ((name, VariableType.STRING, path) for name in _slot_names(template.text, limits, path))
        return
    for index, part in enumerate(template.parts):
        if isinstance(part, MessagesPlaceholder):
            path = ("template", "chat", str(index), "placeholder")
            yield _check_placeholder(part.name, limits, path), VariableType.MESSAGES, path
        else:
            path = ("template", "chat", str(index), "message", "content")
            yield from ((name, VariableType.STRING, path) for name in _slot_names(part.content, limits, path))


def _slot_names(text: str, limits: Limits, path: Path) -> Iterator[str]:
    for piece in parse(text).pieces:
        if isinstance(piece, Slot):
            yield _check_length(piece.name, limits, path)


def _check_placeholder(name: str, limits: Limits, path: Path) -> str:
    if not VARIABLE_PATTERN.fullmatch(name):
        raise InvalidInputError(
            "A placeholder's name starts with a letter from a to z or `_` and goes on with letters, digits, "
            "`_`, `.` and `-`.",
            path,
        )
    return _check_length(name, limits, path)


def _check_length(name: str, limits: Limits, path: Path) -> str:
    if len(name) > limits.variable_name:
        raise InvalidInputError(
            f"A variable's name has at most {limits.variable_name} characters; {_short(name)} has {len(name)}.", path
        )
    return name


def _clean_declared(
    variable: Variable, uses: Mapping[str, tuple[VariableType, Path]], limits: Limits, path: Path
) -> Variable:
    if variable.name not in uses:
        raise InvalidInputError(
            f"The template does not use the variable {_short(variable.name)}. Write `{{{{name}}}}` where its value "
            "goes, or leave the declaration out.",
            (*path, "name"),
        )
    _check_type(variable, uses[variable.name][0], path)
    if variable.description is not None:
        description = clean_text(
            variable.description, limits.description, "A variable's description", (*path, "description")
        )
        variable = replace(variable, description=description or None)
    if variable.default_value is not None:
        _check_default(variable, variable.default_value, limits, (*path, "defaultValue"))
    return variable


def _check_type(variable: Variable, use: VariableType, path: Path) -> None:
    is_messages = variable.type is VariableType.MESSAGES
    if use is VariableType.MESSAGES and not is_messages:
        raise InvalidInputError(f"{variable.name!r} is a placeholder in a chat: its type is MESSAGES.", (*path, "type"))
    if is_messages and use is not VariableType.MESSAGES:
        raise InvalidInputError(
            f"{variable.name!r} stands in a text: only a placeholder in a chat takes MESSAGES.", (*path, "type")
        )
    if variable.allows_system_messages and not is_messages:
        raise InvalidInputError(
            "Only a placeholder for MESSAGES can allow system messages.", (*path, "allowsSystemMessages")
        )


def _check_default(variable: Variable, default: str, limits: Limits, path: Path) -> None:
    clean_text(default, limits.default_value, "A default", path, least=1)
    try:
        read_default(variable, limits)
    except InvalidVariableError as error:
        raise InvalidInputError(error.message, path) from None


def _check_weight(known: Mapping[str, Variable], limits: Limits) -> None:
    # 200 variables, each within its bounds, could outgrow what the store can keep of one version.
    weight = sum(len(v.description or "") + len(v.default_value or "") for v in known.values())
    if weight > limits.template:
        raise InvalidInputError(
            f"Descriptions and defaults have at most {limits.template} characters in all; these have {weight}.",
            ("variables",),
        )


def _texts(template: PromptTemplate) -> Iterator[tuple[str, Path]]:
    if isinstance(template, TextTemplate):
        yield template.text, ("template", "text")
        return
    for index, part in enumerate(template.parts):
        path = ("template", "chat", str(index))
        if isinstance(part, ChatMessage):
            yield part.content, (*path, "message", "content")
        else:
            yield part.name, (*path, "placeholder")


def _short(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:60] + "…")
