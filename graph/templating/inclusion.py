"""Putting the texts of other prompts where a template refers to them, on all levels.

It is done before any value is looked at, and on the pieces of the parsed texts, not on their letters: what is included
can open no brace of its surroundings, and its variables are filled in the same one pass as all others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graph.domain.limits import Limits
from graph.domain.prompts import PromptVersion, VersionRef
from graph.domain.templates import (
    ChatMessage,
    ChatTemplate,
    Content,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.templating.parser import Piece, Reference, parse, write

Path = tuple[str, ...]
_Variables = tuple[dict[str, Variable], set[int]]


@dataclass(frozen=True, slots=True)
class Mention:
    """One reference of a template. `part` is of a chat's, None in a text; `line` starts at 1."""

    selector: str
    part: int | None
    line: int

    @property
    def path(self) -> Path:
        """The field of the input that holds it."""
        return ("template", "text") if self.part is None else ("template", "chat", str(self.part), "message", "content")


@dataclass(frozen=True, slots=True)
class Included:
    """What a selector means: a version, and its prompt's name."""

    name: str
    version: PromptVersion


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reference stays as it is written. `mention` is the one in the outermost template that leads there."""

    message: str
    selector: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Expanded:
    """A content without references but those at fault.

    `children` is what it includes itself, and `graph` the same of each version that is included.
    """

    content: Content
    faults: tuple[Fault, ...] = ()
    children: tuple[Included, ...] = ()
    graph: Mapping[VersionRef, tuple[Included, ...]] = field(default_factory=dict)


def holds_references(template: PromptTemplate) -> bool:
    """False when there is none for sure: a quick look."""
    return any("{{>" in text for _, text in _texts(template))


def mentions_of(template: PromptTemplate) -> tuple[Mention, ...]:
    """All references, in order."""
    if not holds_references(template):
        return ()
    return tuple(
        Mention(piece.selector, part, piece.line)
        for part, text in _texts(template)
        for piece in parse(text).pieces
        if isinstance(piece, Reference)
    )


def expand(
    name: str, prompt_id: str | None, content: Content, found: Mapping[str, Included | str], limits: Limits
) -> Expanded:
    """The content with every reference replaced by what it means, on all levels.

    `found` has, for each selector, what it means or why it means nothing. `prompt_id` is the content's own prompt's,
    None while it has none. What cannot be included stays as it is written, and is told in `faults`.
    """
    expander = _Expander(found, limits)
    top = expander.top(name, prompt_id, content)
    return Expanded(top, tuple(expander.faults), tuple(expander.children.values()), expander.graph)


@dataclass(slots=True)
class _Node:
    """An included version with everything in place. `below` has the way to each prompt in it, by the prompt's id."""

    pieces: list[Piece]
    size: int
    height: int
    variables: dict[str, Variable]
    below: dict[str, Path]


class _FaultyError(Exception):
    """Why something cannot be included. `selector` names it, `where` the prompt that refers to it."""

    def __init__(self, message: str, selector: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.selector = selector


class _CircleError(_FaultyError):
    """A prompt that would be in itself: so on this way to it, and perhaps on no other."""


class _Expander:
    """One expansion. Each version is put together once, however often it is included."""

    def __init__(self, found: Mapping[str, Included | str], limits: Limits) -> None:
        self._found = found
        self._limits = limits
        self._nodes: dict[VersionRef, _Node | _FaultyError] = {}
        self._way: list[tuple[str | None, str]] = []
        self._refused: set[str] = set()
        self.faults: list[Fault] = []
        self.children: dict[VersionRef, Included] = {}
        self.graph: dict[VersionRef, tuple[Included, ...]] = {}

    def top(self, name: str, prompt_id: str | None, content: Content) -> Content:
        """The outermost content, whose faults are collected and not raised."""
        self._way.append((prompt_id, name))
        variables = {variable.name: variable for variable in content.variables}
        merged: set[int] = set()
        room = self._limits.expanded_template - sum(len(text) for _, text in _texts(content.template))
        texts: dict[int | None, str] = {}
        for part, text in _texts(content.template):
            pieces: list[Piece] = []
            for piece in parse(text).pieces:
                put, room = self._put(piece, part, (variables, merged), room)
                pieces += put
            texts[part] = write(pieces)
        return replace(content, template=_with_texts(content.template, texts), variables=tuple(variables.values()))

    def _put(self, piece: Piece, part: int | None, variables: _Variables, room: int) -> tuple[list[Piece], int]:
        """What stands for a piece, and how many characters there may still be."""
        if not isinstance(piece, Reference) or piece.selector in self._refused:
            return [piece], room
        try:
            node = self._include(piece)
            if node.size > room:
                raise self._too_large()
            self._merge(node, *variables)
        except _FaultyError as error:
            mention = Mention(piece.selector, part, piece.line)
            self.faults.append(Fault(error.message, error.selector or piece.selector, mention))
            self._refused.add(piece.selector)  # each is told once
            return [piece], room
        child = self._meaning(piece)
        self.children[child.version.ref] = child
        return node.pieces, room - node.size

    def _merge(self, node: _Node, variables: dict[str, Variable], merged: set[int]) -> None:
        """Adds what the node needs; where both name a variable, what the outer one says of it holds."""
        if id(node) in merged:
            return
        for name, variable in node.variables.items():
            held = variables.get(name, variable)
            if (held.type is VariableType.MESSAGES) is not (variable.type is VariableType.MESSAGES):
                raise _FaultyError(f"{name!r} names both a placeholder and a variable of an included text. Rename one.")
        together = {**node.variables, **variables}
        if len(together) > self._limits.variables:
            raise _FaultyError(f"A version has at most {self._limits.variables} variables, with those it includes.")
        variables.update({name: together[name] for name in node.variables})
        merged.add(id(node))

    def _include(self, reference: Reference) -> _Node:
        found = self._found.get(reference.selector)
        if found is None or isinstance(found, str):
            where = f", in {self._way[-1][1]!r}" if len(self._way) > 1 else ""
            why = found or f"references go at most {self._limits.reference_depth} levels down."
            raise _FaultyError(f"{reference.source} cannot be included{where}: {why}", reference.selector)
        held = self._nodes.get(found.version.ref)
        if held is None:
            held = self._nodes[found.version.ref] = self._put_together(found)
        if isinstance(held, _FaultyError):
            raise held
        self._refuse_circles(found, held)
        if len(self._way) - 1 + held.height > self._limits.reference_depth:
            raise _FaultyError(f"References go at most {self._limits.reference_depth} levels down; these go deeper.")
        return held

    def _refuse_circles(self, found: Included, node: _Node) -> None:
        """A prompt is in itself neither directly nor on a detour, in whichever version."""
        names = [name for _, name in self._way]
        for index, (prompt_id, _) in enumerate(self._way):
            if prompt_id == found.version.prompt_id:
                raise _circle((*names[index:], found.name))
            if prompt_id in node.below:
                raise _circle((*names[index:], found.name, *node.below[prompt_id]))

    def _put_together(self, found: Included) -> _Node | _FaultyError:
        version, names = found.version, [name for _, name in self._way]
        ids = [prompt_id for prompt_id, _ in self._way]
        if version.prompt_id in ids:
            raise _circle((*names[ids.index(version.prompt_id) :], found.name))
        if not isinstance(version.template, TextTemplate):
            return _FaultyError(f"{found.name!r} is a chat. Only texts can be included.")
        self._way.append((version.prompt_id, found.name))
        try:
            return self._assemble(version, version.template.text)
        except _CircleError:
            raise
        except _FaultyError as error:
            return error
        finally:
            self._way.pop()

    def _assemble(self, version: PromptVersion, text: str) -> _Node:
        node = _Node([], 0, 1, {one.name: one for one in version.variables}, {})
        children: dict[VersionRef, Included] = {}
        merged: set[int] = set()
        for piece in parse(text).pieces:
            put: list[Piece] = [piece]
            if isinstance(piece, Reference):
                child = self._include(piece)
                included = self._meaning(piece)
                children[included.version.ref] = included
                self._merge(child, node.variables, merged)
                node.height = max(node.height, child.height + 1)
                node.below[included.version.prompt_id] = (included.name,)
                node.below.update({one: (included.name, *way) for one, way in child.below.items()})
                put, size = child.pieces, child.size
            else:
                size = len(piece if isinstance(piece, str) else piece.source)
            node.size += size
            if node.size > self._limits.expanded_template:  # before anything of it is joined
                raise self._too_large()
            node.pieces += put
        self.graph[version.ref] = tuple(children.values())
        return node

    def _meaning(self, reference: Reference) -> Included:
        found = self._found[reference.selector]
        assert isinstance(found, Included), "what was included was found"
        return found

    def _too_large(self) -> _FaultyError:
        most = self._limits.expanded_template
        return _FaultyError(f"With all that is included the template would have more than {most} characters.")


def _circle(names: Path) -> _CircleError:
    # It begins where it ends; the outermost prompt's own name is not always known.
    return _CircleError(f"The references go round in a circle: {' → '.join((names[-1], *names[1:]))}.")


def _texts(template: PromptTemplate) -> Iterator[tuple[int | None, str]]:
    if isinstance(template, TextTemplate):
        yield None, template.text
        return
    for index, part in enumerate(template.parts):
        if isinstance(part, ChatMessage):
            yield index, part.content


def _with_texts(template: PromptTemplate, texts: Mapping[int | None, str]) -> PromptTemplate:
    if isinstance(template, TextTemplate):
        return TextTemplate(texts[None])
    return ChatTemplate(
        tuple(
            ChatMessage(part.role, texts[index]) if isinstance(part, ChatMessage) else part
            for index, part in enumerate(template.parts)
        )
    )
