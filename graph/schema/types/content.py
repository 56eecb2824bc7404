"""What a version says: its template, the variables in it, and the model it was written for."""

import strawberry
from strawberry import Private

from graph.domain import prompts as domain
from graph.schema.budget import text_length
from graph.schema.context import Info
from graph.schema.fields import Eventually, resolved
from graph.schema.types.inclusion import load_variables
from graph.schema.types.template import ModelSettings, PromptTemplate, TemplateWarning, Variable, template_of
from graph.templating.variables import template_warnings


@strawberry.type
class VersionContent:
    """The part of `PromptVersion` that is its content."""

    held: Private[domain.PromptVersion]

    @resolved
    def template(self, info: Info) -> PromptTemplate:
        """What is rendered."""
        info.context.budget.spend_characters(text_length(self.held))
        return template_of(self.held.template)

    @resolved
    def variables(self, info: Info) -> Eventually[list[Variable]]:
        """The placeholders the template names, in order of first use; then those that included prompts name now."""
        return load_variables(info, self.held)

    @resolved
    def warnings(self) -> list[TemplateWarning]:
        """What looks like a mistake but is kept as text, such as an unclosed `{{`."""
        return [TemplateWarning.of(warning) for warning in template_warnings(self.held.template)]

    @resolved
    def model_settings(self) -> ModelSettings | None:
        """Null when the version was written for no model in particular."""
        settings = self.held.model_settings
        return ModelSettings.of(settings) if settings else None
