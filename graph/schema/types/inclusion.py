"""References of a template to other prompts, as far as they need no other type, and what is wrong with them."""

from collections.abc import Iterable
from typing import Self

import strawberry
from strawberry import Private

from graph.domain import findings as found
from graph.domain import prompts as domain
from graph.schema.budget import template_length
from graph.schema.context import Info
from graph.schema.fields import Eventually
from graph.schema.types.finding import Finding
from graph.schema.types.template import RenderedContent, Variable, content_of
from graph.templating import inclusion
from graph.templating.renderer import Rendered


@strawberry.type
class ReferenceFacts:
    """The plain part of `PromptReference`."""

    selector: str = strawberry.field(description="As it is written: `name`, `name@7`, `name@production`.")
    part: int | None = strawberry.field(description="Index of the chat part; null for a text template.")
    line: int = strawberry.field(description="1-based.")


@strawberry.type
class BrokenReference(ReferenceFacts):
    """A reference that stays in the text as it is written, because what it means cannot be included."""

    message: str = strawberry.field(description="Why, for people. What is out of sight is told as what is not there.")

    @classmethod
    def of(cls, fault: inclusion.Fault) -> Self:
        """Of the fault, at the place in the outermost template."""
        place = fault.mention
        return cls(selector=place.selector, part=place.part, line=place.line, message=fault.message)


@strawberry.type
class RenderingFacts:
    """The plain part of `Rendering`."""

    held: Private[domain.PromptVersion]
    owner: Private[domain.Prompt | None]

    content: RenderedContent
    missing_variables: list[Variable] = strawberry.field(description="Empty when every required variable had a value.")
    unused_variables: list[str] = strawberry.field(
        description="Names that were given but that the template does not use."
    )
    broken_references: list[BrokenReference] = strawberry.field(
        description="What could not be included and stands in the content as it is written. Empty from `promptRender`."
    )
    redactions: list[Finding] = strawberry.field(
        description="What was covered in `content` because the server redacts findings of its kind in previews, with "
        "its place in the version with all that it includes; of many the first. Empty from `promptRender`, which "
        "changes no text."
    )

    @classmethod
    def of(
        cls,
        version: domain.PromptVersion,
        rendered: Rendered,
        prompt: domain.Prompt | None = None,
        faults: Iterable[inclusion.Fault] = (),
        redactions: Iterable[found.Finding] = (),
    ) -> Self:
        """Of what the renderer made of the version; its prompt is loaded when it is not given."""
        return cls(
            held=version,
            owner=prompt,
            content=content_of(rendered.content),
            missing_variables=[Variable.of(variable) for variable in rendered.missing],
            unused_variables=list(rendered.unused),
            broken_references=[BrokenReference.of(fault) for fault in faults],
            redactions=[Finding.of(finding) for finding in redactions],
        )


def load_variables(info: Info, version: domain.PromptVersion) -> Eventually[list[Variable]]:
    """What rendering needs now; at once where nothing is included."""
    if inclusion.holds_references(version.template):
        return _read_variables(info, version)
    return [Variable.of(variable) for variable in version.variables]


async def _read_variables(info: Info, version: domain.PromptVersion) -> list[Variable]:
    expanded = await info.context.loaders.expanded.require(version.ref)
    info.context.budget.spend_characters(template_length(expanded.content.template))
    return [Variable.of(variable) for variable in expanded.content.variables]
