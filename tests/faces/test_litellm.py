"""LiteLLM against the server: its generic prompt management, and its Langfuse models."""

from typing import Any

import pytest

from graph.domain.parameters import settings_from_parameters
from graph.domain.prompts import VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.publishing import publish
from tests.faces.conftest import Registry
from tests.faces.environments import run_client

JSON = 'As {"dish": "{{dish}}", "of": [{"a": {}}, {{{dish}}}], "x": "{y} ${z}"} or \\frac{1}{2}'
NOW = {"role": "user", "content": "Now"}
PARAMETERS: dict[str, Any] = {"model": "gpt-4o-mini", "temperature": 0.2, "max_tokens": 9}


async def write(faces: Registry, name: str, template: Any, labels: tuple[str, ...] = (), **parameters: Any) -> None:
    draft = VersionDraft(template, model_settings=settings_from_parameters(parameters))
    await publish(faces.deps, LOCAL_ACCESS, name, draft, labels=labels)


@pytest.fixture(scope="module")
async def told(faces: Registry) -> dict[str, Any]:
    """What the script tells of its calls."""
    first = ChatTemplate((ChatMessage(ChatRole.USER, "First {{dish}}"),))
    second = ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, 'You are {{persona}}. {"json": 1}'),
            ChatMessage(ChatRole.USER, "Recipe for {{ dish }}"),
            MessagesPlaceholder("history"),
        )
    )
    await write(faces, "kitchen/recipe", first, ("production",))
    await write(faces, "kitchen/recipe", second, (), **PARAMETERS)
    await write(faces, "kitchen/json", ChatTemplate((ChatMessage(ChatRole.USER, JSON),)), ("production",))
    await write(faces, "kitchen/text", TextTemplate("Cook {{dish}}"), ("production",))
    await write(faces, "kitchen/text", TextTemplate("Boil {{dish}}"))
    told: dict[str, Any] = await run_client("litellm", "prompts.py", faces.url, faces.key)
    return told


def test_a_bare_name_is_the_latest_version_with_its_model_and_parameters(told: dict[str, Any]) -> None:
    model, messages, parameters = told["latest"]
    assert (model, parameters) == ("gpt-4o-mini", {"temperature": 0.2, "max_tokens": 9})
    assert messages == [
        # LiteLLM reads what it has put in again, which Promptgraph's own rendering never does.
        {"role": "system", "content": 'You are a cook soup. {"json": 1}'},
        {"role": "user", "content": "Recipe for soup"},
        NOW,
    ]


@pytest.mark.parametrize(
    "selector", ["label", "kitchen/recipe@1", "kitchen/recipe@production", "kitchen/recipe.v1", "async"]
)
def test_a_version_is_selected_in_the_id_or_beside_it(told: dict[str, Any], selector: str) -> None:
    assert told[selector] == ["own-model", [{"role": "user", "content": "First soup"}, NOW], {}]


def test_an_unknown_prompt_is_an_error_and_no_call_without_it(told: dict[str, Any]) -> None:
    assert "Error compiling prompt 'kitchen/none'" in told["unknown"]
    assert "404" in told["unknown"]


def test_a_completion_sends_the_template_and_then_the_callers_messages(told: dict[str, Any]) -> None:
    answer, asked = told["completion"]
    assert answer == "yes"
    assert asked["messages"] == [{"role": "user", "content": "First soup"}, NOW]
    assert "prompt_id" not in asked


def test_a_prompt_full_of_braces_arrives_as_it_is_written(told: dict[str, Any]) -> None:
    answer, asked = told["acompletion"]
    filled = 'As {"dish": "soup", "of": [{"a": {}}, {soup}], "x": "{y} ${z}"} or \\frac{1}{2}'
    # LiteLLM's `acompletion` puts the prompt in once for itself and once more in the `completion` that it calls.
    assert (answer, asked["messages"][-2:]) == ("yes", [{"role": "user", "content": filled}, NOW])


@pytest.mark.parametrize("way", ["gateway", "responses", "responses by prompt", "aresponses", "responses streamed"])
def test_without_a_manager_of_prompts_the_gateway_puts_the_prompt_in(told: dict[str, Any], way: str) -> None:
    assert told[way] == "First soup"


def test_an_unknown_prompt_is_an_error_of_responses_too(told: dict[str, Any]) -> None:
    assert "prompt_not_found" in told["responses unknown"]


def test_a_manager_of_prompts_puts_the_prompt_into_responses_too(told: dict[str, Any]) -> None:
    assert told["managed responses"] == [{"role": "user", "content": "First soup"}, NOW]


def test_litellm_sends_no_prompt_id_unless_it_stands_in_extra_body(told: dict[str, Any]) -> None:
    # Which is why docs/litellm.md says so: nobody is told that the prompt is missing.
    assert told["arguments alone"] == {"model": "own-model", "messages": [NOW]}


def test_a_langfuse_model_reads_through_the_langfuse_face(told: dict[str, Any]) -> None:
    assert told["langfuse chat"] == [{"role": "user", "content": "First soup"}, NOW]
    assert told["langfuse text"] == [{"role": "system", "content": "Boil soup"}, NOW]
