from dataclasses import replace

import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import VersionDraft
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
from graph.templating.variables import build_content, check_template, resolve_variables, template_warnings
from tests.templating.strategies import LIMITS

CHAT = ChatTemplate(
    (
        ChatMessage(ChatRole.SYSTEM, "{{b}} {{a}}"),
        MessagesPlaceholder("history"),
        ChatMessage(ChatRole.USER, "{{c}} {{b}}"),
        MessagesPlaceholder("history"),
    )
)


def refusal(template: PromptTemplate, *declared: Variable) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        build_content(VersionDraft(template, declared), LIMITS)
    return caught.value


def test_variables_are_what_the_template_names_in_order_of_first_use() -> None:
    assert resolve_variables(TextTemplate("{{b}} {{a}} {{b}} \\{{c}}"), (), LIMITS) == (Variable("b"), Variable("a"))


def test_placeholders_are_among_them_and_take_messages() -> None:
    names = [(variable.name, variable.type.value) for variable in resolve_variables(CHAT, (), LIMITS)]
    assert names == [("b", "string"), ("a", "string"), ("history", "messages"), ("c", "string")]


def test_a_declaration_adds_to_its_variable_and_does_not_move_it() -> None:
    a = Variable("a", VariableType.NUMBER, "How many.", "5")
    history = Variable("history", VariableType.MESSAGES, default_value="[]", allows_system_messages=True)
    assert resolve_variables(CHAT, (history, a), LIMITS) == (Variable("b"), a, history, Variable("c"))


def test_an_empty_description_is_none() -> None:
    (variable,) = resolve_variables(TextTemplate("{{a}}"), (Variable("a", description=""),), LIMITS)
    assert variable.description is None


@pytest.mark.parametrize(
    ("declared", "path", "reason"),
    [
        ((Variable("z"),), ("variables", "0", "name"), "does not use"),
        ((Variable("a"), Variable("a")), ("variables", "1", "name"), "declared twice"),
        ((Variable("a", default_value="hi"),), ("variables", "0", "defaultValue"), "no JSON"),
        ((Variable("a", default_value="5"),), ("variables", "0", "defaultValue"), "takes a string"),
        ((Variable("a", default_value='"' + "x" * 10_000 + '"'),), ("variables", "0", "defaultValue"), "10000"),
        ((Variable("a", description="x" * 10_001),), ("variables", "0", "description"), "10001"),
        ((Variable("a", VariableType.MESSAGES),), ("variables", "0", "type"), "stands in a text"),
        ((Variable("history"),), ("variables", "0", "type"), "its type is MESSAGES"),
        ((Variable("a", allows_system_messages=True),), ("variables", "0", "allowsSystemMessages"), "Only a placeh"),
    ],
)
def test_a_declaration_that_breaks_a_rule_is_refused_at_its_field(
    declared: tuple[Variable, ...], path: tuple[str, ...], reason: str
) -> None:
    error = refusal(CHAT, *declared)
    assert error.path == path
    assert reason in error.message


def test_a_name_that_is_both_a_variable_and_a_placeholder_is_refused() -> None:
    chat = ChatTemplate((ChatMessage(ChatRole.USER, "{{x}}"), MessagesPlaceholder("x")))
    assert refusal(chat).path == ("template", "chat", "1", "placeholder")


@pytest.mark.parametrize("name", ["", "1a", "a b", "é", "x" * 101, "{{x}}", "a\n"])
def test_a_placeholder_with_an_illegal_name_is_refused(name: str) -> None:
    assert refusal(ChatTemplate((MessagesPlaceholder(name),))).path == ("template", "chat", "0", "placeholder")


def test_200_variables_are_allowed_and_300_refused() -> None:
    text = "".join(f"{{{{v{index}}}}}" for index in range(300))
    assert len(resolve_variables(TextTemplate(text[: text.index("{{v200}}")]), (), LIMITS)) == 200
    assert "at most 200 variables" in refusal(TextTemplate(text)).message


def test_a_variable_name_of_101_characters_is_refused() -> None:
    build_content(VersionDraft(TextTemplate("{{" + "x" * 100 + "}}")), LIMITS)
    assert refusal(TextTemplate("{{" + "x" * 101 + "}}")).path == ("template", "text")


def test_descriptions_and_defaults_are_bounded_in_all() -> None:
    text = "".join(f"{{{{v{index}}}}}" for index in range(30))
    declared = [Variable(f"v{index}", description="x" * 9_000) for index in range(30)]
    assert refusal(TextTemplate(text), *declared).path == ("variables",)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (TextTemplate(""), ("template", "text")),
        (TextTemplate("x" * 200_001), ("template", "text")),
        (TextTemplate("\ud800"), ("template", "text")),
        (ChatTemplate(()), ("template", "chat")),
        (ChatTemplate((ChatMessage(ChatRole.USER, ""),) * 201), ("template", "chat")),
        (ChatTemplate((ChatMessage(ChatRole.USER, "x" * 100_001),) * 2), ("template", "chat")),
        (ChatTemplate((ChatMessage(ChatRole.USER, "\udc00"),)), ("template", "chat", "0", "message", "content")),
    ],
)
def test_a_template_out_of_its_bounds_is_refused(template: PromptTemplate, path: tuple[str, ...]) -> None:
    assert refusal(template).path == path


def test_a_template_at_its_bounds_is_accepted() -> None:
    check_template(TextTemplate("x" * 200_000), LIMITS)
    check_template(ChatTemplate((ChatMessage(ChatRole.USER, ""),) * 200), LIMITS)


def test_the_bounds_are_settings() -> None:
    with pytest.raises(InvalidInputError, match="1 to 3 characters"):
        check_template(TextTemplate("four"), replace(LIMITS, template=3))


def test_content_is_the_template_its_variables_and_its_settings_checked() -> None:
    settings = ModelSettings(model="m", temperature=0.5)
    content = build_content(VersionDraft(TextTemplate("{{a}}"), (), settings), LIMITS)
    assert (content.variables, content.model_settings) == ((Variable("a"),), settings)
    with pytest.raises(InvalidInputError):
        build_content(VersionDraft(TextTemplate("a"), (), ModelSettings(temperature=-1.0)), LIMITS)


def test_warnings_of_a_chat_tell_the_part() -> None:
    chat = ChatTemplate((MessagesPlaceholder("h"), ChatMessage(ChatRole.USER, "a\n{{")))
    (warning,) = template_warnings(chat)
    assert (warning.part, warning.line, warning.column) == (1, 2, 1)
    assert [warning.part for warning in template_warnings(TextTemplate("{{"))] == [None]


def test_warnings_of_a_chat_are_at_most_a_hundred_in_all() -> None:
    chat = ChatTemplate((ChatMessage(ChatRole.USER, "{{!}}" * 90),) * 3)
    assert len(template_warnings(chat)) == 100
