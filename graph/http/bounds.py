"""What a query may cost, found out in one linear pass over its text and one over its document.

Both come before graphql-core's `validate`, whose overlapping-fields rule takes a second of CPU for
documents that are small by every other measure. Fragments are counted as if written out where they
are spread, each measured once, so that fragments that double each other cannot make the counting slow.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from graph.domain.limits import RequestLimits

# Strings and comments are one match each, so that brackets inside them do not count. What is left
# open runs to the end: a second try from the middle would make the scan quadratic.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:"""|\Z)'
    r'|"(?:[^"\\\r\n]|\\.)*+"?'
    r"|#[^\r\n]*+"
    r"|[\w.+-]++"
    r"|[^\s,\ufeff]"
)
_OPENING, _CLOSING = frozenset("{[("), frozenset("}])")

Definition = OperationDefinitionNode | FragmentDefinitionNode


def refuse(code: str, message: str) -> GraphQLError:
    """The error of a query that costs too much."""
    return GraphQLError(message, extensions={"code": code})


def check_text(query: str, limits: RequestLimits) -> None:
    """Bound what the parser is given: bytes, tokens and nesting. Raises GraphQLError."""
    if len(query) > limits.query_bytes or len(query.encode()) > limits.query_bytes:
        raise refuse("QUERY_TOO_LARGE", f"The query is longer than {limits.query_bytes} bytes.")
    tokens = depth = 0
    for match in _TOKEN.finditer(query):
        token = match[0]
        tokens += token[0] != "#"
        if token in _OPENING:
            depth += 1
            if depth > limits.nesting:
                raise refuse("QUERY_TOO_DEEP", f"The query's brackets are nested deeper than {limits.nesting} levels.")
        elif token in _CLOSING:
            depth -= 1
    if tokens > limits.tokens:
        raise refuse("QUERY_TOO_COMPLEX", f"The query has more than {limits.tokens} tokens.")


@dataclass(frozen=True, slots=True)
class Outline:
    """A definition's own size. `spreads` are the fragments that it names, each with the depth where it does."""

    selections: int
    depth: int
    roots: int
    aliases: int
    directives: int
    spreads: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Size:
    """A definition's size with its fragments written out."""

    selections: int
    depth: int
    roots: int
    fragment_depth: int


def draw_outline(definition: Definition) -> Outline:
    """Walk a definition once, without recursion and without entering its fragments."""
    selections = depth = roots = aliases = 0
    directives = len(definition.directives or ())
    spreads: list[tuple[str, int]] = []
    pending = [(definition.selection_set, 1)]
    while pending:
        selection_set, level = pending.pop()
        depth = max(depth, level)
        selections += len(selection_set.selections)
        for node in selection_set.selections:
            directives += len(node.directives or ())
            if isinstance(node, FragmentSpreadNode):
                spreads.append((node.name.value, level))
            elif isinstance(node, InlineFragmentNode):
                pending.append((node.selection_set, level))
            elif isinstance(node, FieldNode):
                roots += level == 1
                aliases += node.alias is not None
                if node.selection_set:
                    pending.append((node.selection_set, level + 1))
    return Outline(selections, depth, roots, aliases, directives, tuple(spreads))


class Survey:
    """The sizes of one document's definitions. Each fragment is measured once, however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        self.definitions = [node for node in document.definitions if isinstance(node, Definition)]
        self.fragments = {
            node.name.value: node for node in self.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.outlines = {id(node): draw_outline(node) for node in self.definitions}
        self._sizes: dict[int, Size] = {}
        self._entered: set[int] = set()

    def size(self, definition: Definition) -> Size:
        """Raises GraphQLError where fragments go in a circle. Recursion is as deep as there are fragments."""
        if known := self._sizes.get(id(definition)):
            return known
        if id(definition) in self._entered:
            raise refuse("FRAGMENT_CYCLE", "The query's fragments spread each other in a circle.")
        self._entered.add(id(definition))
        outline = self.outlines[id(definition)]
        selections, depth, roots, fragment_depth = outline.selections, outline.depth, outline.roots, 0
        for name, level in outline.spreads:
            if fragment := self.fragments.get(name):
                inner = self.size(fragment)
                selections += inner.selections
                depth = max(depth, level - 1 + inner.depth)
                roots += inner.roots if level == 1 else 0
                fragment_depth = max(fragment_depth, inner.fragment_depth + 1)
        size = self._sizes[id(definition)] = Size(selections, depth, roots, fragment_depth)
        return size

    def tops(self) -> list[Definition]:
        """The operations, and the fragments that nothing spreads: validation walks those as well."""
        spread = {name for outline in self.outlines.values() for name, _ in outline.spreads}
        return [
            node
            for node in self.definitions
            if isinstance(node, OperationDefinitionNode)
            or node.name.value not in spread
            or self.fragments[node.name.value] is not node
        ]


def check_document(document: DocumentNode, limits: RequestLimits) -> None:
    """Bound what the document asks of validation and execution. Raises GraphQLError."""
    survey = Survey(document)
    outlines = survey.outlines.values()
    fragments = sum(isinstance(node, FragmentDefinitionNode) for node in survey.definitions)
    _at_most(limits.fragments, fragments, "TOO_MANY_FRAGMENTS", "fragments")
    _at_most(limits.aliases, sum(outline.aliases for outline in outlines), "TOO_MANY_ALIASES", "aliases")
    _at_most(limits.directives, sum(outline.directives for outline in outlines), "TOO_MANY_DIRECTIVES", "directives")
    sizes = [survey.size(node) for node in survey.definitions]
    _at_most(limits.depth, max(size.depth for size in sizes), "QUERY_TOO_DEEP", "levels of fields")
    nested = max(size.fragment_depth for size in sizes)
    _at_most(limits.fragment_depth, nested, "FRAGMENTS_TOO_DEEP", "fragments inside one another")
    tops = survey.tops()
    total = sum(survey.size(node).selections for node in tops)
    _at_most(limits.selections, total, "TOO_MANY_SELECTIONS", "selections, its fragments written out")
    roots = max((survey.size(node).roots for node in tops if isinstance(node, OperationDefinitionNode)), default=0)
    _at_most(limits.root_fields, roots, "TOO_MANY_ROOT_FIELDS", "fields at the root of one operation")
    overlaps = sum(count_overlaps(node.selection_set, survey.fragments) for node in tops)
    _at_most(limits.overlaps, overlaps, "TOO_MANY_OVERLAPS", "pairs of selections that answer under the same name")


def _at_most(limit: int, count: int, code: str, what: str) -> None:
    if count > limit:
        raise refuse(code, f"The query has {count} {what}; at most {limit} are allowed.")


def count_overlaps(root: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How many pairs of fields answer under the same name at the same place: each pair is compared in validation.

    Takes as many steps as the selections written out, so they must be bounded first.
    """
    overlaps = 0
    pending: list[list[SelectionSetNode]] = [[root]]
    while pending:
        by_name: dict[str, list[FieldNode]] = {}
        for field in _fields(pending.pop(), fragments):
            by_name.setdefault((field.alias or field.name).value, []).append(field)
        for fields in by_name.values():
            overlaps += len(fields) * (len(fields) - 1) // 2
            if below := [field.selection_set for field in fields if field.selection_set]:
                pending.append(below)
    return overlaps


def _fields(
    selection_sets: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """The fields of one place in the answer, fragments written out."""
    pending = list(selection_sets)
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and (fragment := fragments.get(node.name.value)):
                pending.append(fragment.selection_set)
