"""Prompts of every kind, as hypothesis makes them."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from graph.domain.actors import ActorKind
from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.names import clean_line, clean_prompt_name
from graph.domain.prompts import PromptDraft, VersionDraft, Visibility
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    ModelSettings,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.entries import History, PastLabel, PastPrompt, PastVersion, Person
from graph.templating.variables import build_content

LIMITS = Limits()
TRICKY = "\n \t\r\0\x1e\x85\u2028\ufeff-'\"\\:#&*!|>%@`{}[],?=~é漢ß😀\U000e0041/."

characters = st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=["Cs"]))
texts = st.text(characters, min_size=1, max_size=40)
people = st.sampled_from(
    [
        None,
        Person(ActorKind.USER, "ada", "Ada Lovelace"),
        Person(ActorKind.USER, "漢", "漢 字"),
        Person(ActorKind.SERVICE, "ada", "Ada's robot"),
    ]
)
times = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
)
_json_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.sampled_from(["no", "on", "~", "1e3", "0x1f", "12:30", "2026-01-30", "1_000", "", "<<", "=", "-", "--- "]),
)
json_objects = st.dictionaries(
    st.one_of(texts.filter(lambda text: "\0" not in text), st.sampled_from(["$set", "a.b", "__proto__", "", "no"])),
    st.recursive(_json_leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(inner, max_size=2))),
    max_size=4,
)


def _is_clean(text: str, most: int) -> bool:
    try:
        return clean_line(text, most, "A text", ()) == text
    except InvalidInputError:
        return False


def _is_name(text: str) -> bool:
    try:
        return clean_prompt_name(text, LIMITS) == text
    except InvalidInputError:
        return False


def lines(most: int) -> st.SearchStrategy[str]:
    """One line, as titles and tags are."""
    return st.text(characters, min_size=1, max_size=20).map(str.strip).filter(lambda text: _is_clean(text, most))


names = st.lists(st.text(characters, min_size=1, max_size=12), min_size=1, max_size=3).map("/".join).filter(_is_name)
settings = st.builds(
    ModelSettings,
    model=st.one_of(st.none(), lines(50)),
    temperature=st.one_of(st.none(), st.floats(0, 10), st.integers(0, 2)),
    top_p=st.one_of(st.none(), st.floats(0, 1)),
    max_output_tokens=st.one_of(st.none(), st.integers(1, 10_000)),
    tools=st.lists(json_objects, max_size=2).map(tuple),
    response_schema=st.one_of(st.none(), json_objects),
    extra=json_objects,
)
_DEFAULTS: dict[VariableType, st.SearchStrategy[Any]] = {
    VariableType.STRING: texts,
    VariableType.NUMBER: st.one_of(st.integers(-5, 5), st.floats(-1e9, 1e9)),
    VariableType.BOOLEAN: st.booleans(),
    VariableType.JSON: json_objects,
}


@st.composite
def variables(draw: st.DrawFn, name: str) -> Variable:
    """A declared variable, its default sometimes written with spaces of its own."""
    kind = draw(st.sampled_from(list(_DEFAULTS)))
    default = draw(st.one_of(st.none(), _DEFAULTS[kind]))
    separators = draw(st.sampled_from([(",", ":"), (" , ", " : ")]))
    text = None if default is None else json.dumps(default, separators=separators, ensure_ascii=draw(st.booleans()))
    return Variable(name, kind, draw(st.one_of(st.none(), texts)), text)


@st.composite
def templates(draw: st.DrawFn) -> PromptTemplate:
    """A text that names `a`, or a chat that names `a` and has a place for `history`."""
    text = draw(texts) + " {{a}} " + draw(texts)
    if draw(st.booleans()):
        return TextTemplate(text)
    parts = [ChatMessage(role, draw(texts)) for role in draw(st.lists(st.sampled_from(list(ChatRole)), max_size=2))]
    return ChatTemplate((*parts, ChatMessage(ChatRole.USER, text), MessagesPlaceholder("history")))


def _is_valid(draft: VersionDraft) -> bool:
    try:
        build_content(draft, LIMITS)
    except InvalidInputError:
        return False
    return True


@st.composite
def _versions(draw: st.DrawFn) -> VersionDraft:
    template = draw(templates())
    declared = [draw(variables("a"))]
    if isinstance(template, ChatTemplate):
        declared.append(
            Variable("history", VariableType.MESSAGES, draw(st.one_of(st.none(), texts)), None, draw(st.booleans()))
        )
    draft = VersionDraft(
        template, tuple(declared), draw(st.one_of(st.none(), settings)), draw(st.one_of(st.none(), texts))
    )
    return draft


def _settled(draft: VersionDraft) -> VersionDraft:
    """The draft as the registry gives it back."""
    content = build_content(draft, LIMITS)
    return VersionDraft(content.template, content.variables, content.model_settings, draft.change_note)


versions = _versions().filter(_is_valid).map(_settled)
visibilities = st.sampled_from(list(Visibility))


@st.composite
def drafts(draw: st.DrawFn) -> PromptDraft:
    """A prompt with one version, without a change note."""
    version = draw(versions)
    return PromptDraft(
        name=draw(names),
        version=VersionDraft(version.template, version.variables, version.model_settings),
        title=draw(lines(50)),
        description=draw(st.one_of(st.none(), texts)),
        category=draw(st.one_of(st.none(), lines(50))),
        tags=tuple(draw(st.lists(lines(20), max_size=3, unique=True))),
        metadata=draw(json_objects),
        visibility=draw(visibilities),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A prompt with up to four versions and two labels."""
    draft = draw(drafts())
    contents = draw(
        st.lists(versions, min_size=1, max_size=4, unique_by=lambda version: build_content(version, LIMITS).digest())
    )
    label = st.sampled_from(["production", "staging"])
    past = PastPrompt(
        name=draft.name,
        title=draft.title or "",
        description=draft.description,
        category=draft.category,
        tags=draft.tags,
        metadata=draft.metadata,
        visibility=draft.visibility,
        author=draw(people),
        created_at=draw(times),
        updated_at=draw(times),
        archived_at=draw(st.one_of(st.none(), times)),
        forked_from=None,
        labels=tuple(
            PastLabel(name, draw(st.integers(1, len(contents))), draw(times), draw(people))
            for name in sorted(draw(st.sets(label)))
        ),
    )
    numbered = [PastVersion(number, one, draw(times), draw(people)) for number, one in enumerate(contents, start=1)]
    return History("line 1", past, tuple(numbered))
