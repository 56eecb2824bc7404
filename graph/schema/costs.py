"""The cost map: what fields cost beyond the rule, in points.

The rule: a leaf is free, an object is one point, and a list is as many times its object as it has items. A page has as
many as `first` or `last` says; a list without a page is taken to have as many as `SIZES` says, else one.
"""

from collections.abc import Mapping

INTROSPECTION = 100
MUTATION = 10

WEIGHTS: Mapping[str, int] = {
    "Query.promptSearch": 20,
    "PromptSearchConnection.facets": 5,
    "PromptSearchConnection.totalCount": 1,
    "PromptConnection.totalCount": 5,
    "Prompt.similar": 20,
    "Prompt.ratings": 2,
    "Prompt.versions": 2,
    "Prompt.referencedBy": 5,
    "Label.history": 2,
    "PromptVersion.changesFrom": 10,
    "PromptVersion.preview": 5,
    "PromptVersion.references": 5,
    "PromptVersion.usage": 5,
    "PromptVersion.snippets": 5,
    "Mutation.promptRun": 50,
}
"""Of a field itself, whatever is selected below it."""

SIZES: Mapping[str, int] = {
    "Prompt.labels": 5,
    "PromptVersion.labels": 2,
    "PromptVersion.variables": 5,
    "PromptVersion.references": 3,
    "Rendering.brokenReferences": 1,
    "PromptVersion.findings": 5,
    "Rendering.redactions": 5,
    "ChatTemplate.parts": 5,
    "RenderedChat.messages": 5,
    "PromptVersion.usage": 30,
    "UsageBucket.outcomes": 3,
    "RatingSummary.histogram": 5,
    "PromptSearchEdge.highlights": 3,
    "Facet.values": 10,
}
"""How many items a list without a page is taken to have."""

COUNTED: Mapping[str, str] = {"Query.nodes": "ids", "PromptSearchConnection.facets": "fields"}
"""Lists that have as many items as the argument of this name."""
