"""Code that calls a version."""

import strawberry
from strawberry import Private

from graph.domain import prompts as domain
from graph.exchange.snippets import SnippetLanguage, Subject, write_snippet
from graph.schema.budget import template_length
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.types.enums import publish
from graph.upstream.echo import ECHO

publish(
    SnippetLanguage,
    "What the code is written in, or for whose client.",
    CURL="A call of the gateway, for a shell.",
    PYTHON="A call of the gateway by OpenAI's package.",
    JAVASCRIPT="A call of the gateway by OpenAI's package.",
    GRAPHQL="`promptRender`, for a shell.",
    LITELLM="A call of the gateway by LiteLLM's package.",
    LANGFUSE="Fetching and filling in by Langfuse's package.",
)


@strawberry.type
class VersionCode:
    """The part of `PromptVersion` that is code for other programs."""

    held: Private[domain.PromptVersion]
    owner: Private[domain.Prompt | None]

    @resolved
    async def snippets(self, info: Info, language: SnippetLanguage) -> str:
        """Code that calls this version on this server, as it is, with examples for its variables. The key comes from
        the environment's PROMPTGRAPH_API_KEY.
        """
        context = info.context
        prompt = self.owner or await context.loaders.prompt.require(self.held.prompt_id)
        content = (await context.loaders.expanded.require(self.held.ref)).content
        context.budget.spend_characters(template_length(content.template))
        own = content.model_settings.model if content.model_settings else None
        model = context.deps.models.choose(None, own) or ECHO
        kind = content.template.kind
        subject = Subject(context.base_url, prompt.name, self.held.number, kind, content.variables, str(model))
        return write_snippet(language, subject)
