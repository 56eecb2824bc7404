from dataclasses import replace

import pytest

from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    ModelSettings,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
    settings_from_json,
    settings_to_json,
    template_from_json,
    template_to_json,
    variable_from_json,
    variable_to_json,
)

A = Variable("a", VariableType.JSON, "d", "{}")
H = Variable("h", VariableType.MESSAGES, allows_system_messages=True)
CHAT = ChatTemplate((ChatMessage(ChatRole.DEVELOPER, "{{a}}"), MessagesPlaceholder("h")))
SETTINGS = ModelSettings("m", 0.5, 1.0, 9, ({"type": "function"},), {"type": "object"}, {"seed": 1})
CONTENT = Content(CHAT, (A, H), SETTINGS)


def test_the_digest_is_sha_256_of_the_canonical_content() -> None:
    # Kept versions carry it: another digest for the same content would make every retry a new version.
    assert Content(TextTemplate("Hi {{a}}"), (Variable("a"),)).digest() == (
        "30c4f1342e05eb396f3e1e2395c661c68e7e6cdf5c4596e2cc4171b3b4f8d3f8"
    )


def test_equal_content_has_an_equal_digest_whatever_the_order_of_variables_and_keys() -> None:
    settings = replace(SETTINGS, extra={"b": 1, "a": 2})
    turned = replace(SETTINGS, extra={"a": 2, "b": 1})
    assert Content(CHAT, (A, H), settings).digest() == Content(CHAT, (H, A), turned).digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTENT, template=TextTemplate("{{a}}")),
        replace(CONTENT, template=ChatTemplate(CHAT.parts[::-1])),
        replace(CONTENT, template=ChatTemplate((ChatMessage(ChatRole.SYSTEM, "{{a}}"), CHAT.parts[1]))),
        replace(CONTENT, variables=(replace(A, default_value=None), H)),
        replace(CONTENT, variables=(replace(A, description=None), H)),
        replace(CONTENT, variables=(replace(A, type=VariableType.STRING), H)),
        replace(CONTENT, variables=(A, replace(H, allows_system_messages=False))),
        replace(CONTENT, model_settings=None),
        replace(CONTENT, model_settings=replace(SETTINGS, temperature=0.6)),
        replace(CONTENT, model_settings=replace(SETTINGS, tools=())),
    ],
)
def test_other_content_has_another_digest(other: Content) -> None:
    assert other.digest() != CONTENT.digest()


@pytest.mark.parametrize("template", [TextTemplate(""), TextTemplate("x"), CHAT])
def test_a_template_comes_back_from_json(template: PromptTemplate) -> None:
    assert template_from_json(template_to_json(template)) == template


@pytest.mark.parametrize("variable", [A, H, Variable("x", description="", default_value='""')])
def test_a_variable_comes_back_from_json(variable: Variable) -> None:
    assert variable_from_json(variable_to_json(variable)) == variable


@pytest.mark.parametrize("settings", [SETTINGS, ModelSettings(), ModelSettings(temperature=0.0)])
def test_settings_come_back_from_json(settings: ModelSettings) -> None:
    assert settings_from_json(settings_to_json(settings)) == settings


def test_a_variable_without_a_default_is_required() -> None:
    assert Variable("x").is_required
    assert not Variable("x", default_value='""').is_required
