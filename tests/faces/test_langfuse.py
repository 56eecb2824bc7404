"""Langfuse's SDKs against the server: what they read GraphQL has written, and the other way round."""

from typing import Any

import pytest

from tests.faces.conftest import Registry
from tests.faces.environments import run_client

CREATE = """mutation($input: PromptCreateInput!) {
  promptCreate(input: $input) { prompt { id } errors { ... on UserError { message } } } }"""
APPEND = """mutation($input: PromptVersionCreateInput!) {
  promptVersionCreate(input: $input) { version { number } errors { ... on UserError { message } } } }"""
LABEL = """mutation($input: PromptLabelSetInput!) {
  promptLabelSet(input: $input) { label { name } errors { ... on UserError { message } } } }"""
READ = """query($name: String!) { prompt(by: { name: $name }) {
  tags labels { name version { number } } latestVersion { number changeNote
    template { ... on TextTemplate { text } } modelSettings { model temperature extra } variables { name } } } }"""


@pytest.fixture(scope="module", params=["langfuse_5", "litellm"], ids=["langfuse 5", "langfuse 4"])
async def told(faces: Registry, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the script tells of its calls, with the newest version and with the one that LiteLLM holds to."""
    folder = f"sdk-{request.param}"
    settings = {"model": "gpt-4o-mini", "temperature": 0.2, "maxOutputTokens": 9, "extra": {"stop": ["x"]}}
    texts = ["Hello {{name}}", "Good day {{name}}", "Hi {{name}}"]
    created = await faces.graphql(
        CREATE, input={"name": f"{folder}/greet", "template": {"text": texts[0]}, "modelSettings": settings}
    )
    prompt_id = created["promptCreate"]["prompt"]["id"]
    for number, text in enumerate(texts[1:], 1):
        await faces.graphql(APPEND, input={"promptId": prompt_id, "expectedLatest": number, "template": {"text": text}})
    await faces.graphql(LABEL, input={"promptId": prompt_id, "name": "production", "version": {"number": 1}})
    told: dict[str, Any] = await run_client(request.param, "../langfuse_5/prompts.py", faces.url, faces.key, folder)
    return told | {"folder": folder}


def test_production_is_read_where_nothing_else_is_asked_for(told: dict[str, Any]) -> None:
    assert told["by default"] == {
        "name": told["folder"] + "/greet",
        "version": 1,
        "prompt": "Hello {{name}}",
        "config": {"model": "gpt-4o-mini", "temperature": 0.2, "max_tokens": 9, "stop": ["x"]},
        "labels": ["production"],
        "tags": [],
        "commit_message": None,
        "is_fallback": False,
        "variables": ["name"],
    }


def test_a_version_a_label_and_a_selector_are_read(told: dict[str, Any]) -> None:
    assert told["by version"]["prompt"] == told["selector"]["prompt"] == "Good day {{name}}"
    assert (told["by label"]["prompt"], told["by label"]["labels"]) == ("Hi {{name}}", ["latest"])


def test_it_compiles_in_one_pass(told: dict[str, Any]) -> None:
    assert told["compiled"] == "Hello Ada {{name}}"


def test_a_text_is_made_with_all_that_langfuse_says_of_it(told: dict[str, Any]) -> None:
    made = told["created text"]
    assert made["prompt"] == r"Say \{{word}} and {{ other }}"
    assert made["config"] == {"model": "gpt-4o-mini", "temperature": 0.5, "nested": {"any": [1, None]}}
    assert (made["version"], made["labels"]) == (1, ["production", "latest"])
    assert (made["tags"], made["commit_message"]) == (["a", told["folder"]], "first")


def test_a_second_version_keeps_the_tags_and_leaves_production_where_it_is(told: dict[str, Any]) -> None:
    second = told["second version"]
    assert (second["version"], second["labels"], second["tags"]) == (2, ["staging", "latest"], ["a", told["folder"]])
    assert told["read back"]["prompt"] == told["created text"]["prompt"]


def test_labels_are_added_to_a_version_and_taken_from_the_others(told: dict[str, Any]) -> None:
    assert told["labels"] == ["blue", "production", "staging", "latest"]
    assert (told["moved"]["version"], told["moved"]["prompt"]) == (2, "Two {{word}}")


async def test_graphql_reads_what_langfuse_has_written(faces: Registry, told: dict[str, Any]) -> None:
    prompt = (await faces.graphql(READ, name=told["folder"] + "/deep/text"))["prompt"]
    assert prompt["tags"] == ["a", told["folder"]]
    assert {label["name"]: label["version"]["number"] for label in prompt["labels"]} == {
        "blue": 2,
        "production": 2,
        "staging": 2,
    }
    assert prompt["latestVersion"]["template"] == {"text": "Two {{word}}"}
    assert prompt["latestVersion"]["variables"] == [{"name": "word"}]


def test_a_chat_keeps_its_roles_and_placeholders(told: dict[str, Any]) -> None:
    kinds = [(part.get("role"), part.get("content"), part.get("name")) for part in told["created chat"]["prompt"]]
    assert kinds == [("system", "You are {{persona}}.", None), (None, None, "history"), ("user", "{{q}}", None)]
    assert [(message["role"], message["content"]) for message in told["filled"]] == [
        ("system", "You are Ada."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "Role: system"),
    ]


def test_the_list_is_paged_by_name_and_filtered(told: dict[str, Any]) -> None:
    folder = told["folder"]
    assert told["pages"] == [[f"{folder}/chat"], [f"{folder}/deep/text"]]
    assert (told["meta"]["limit"], told["meta"]["total_items"], told["meta"]["total_pages"]) == (1, 2, 2)
    assert told["line"] == ["text", [1, 2], ["blue", "production", "staging", "latest"], ["a", folder], {}]
    assert told["by label"]["listed"] == 1


def test_a_missing_prompt_is_told_and_the_fallback_used(told: dict[str, Any]) -> None:
    assert told["not found"]["error"] == "LangfuseNotFoundError"
    unknown = f"Prompt not found: '{told['folder']}/none' with label 'production'"
    assert told["not found"]["message"] == f"{unknown}, which is meant where no label or version is named"
    assert (told["fallback"]["is_fallback"], told["fallback"]["prompt"]) == (True, "Hello {{name}}")


def test_keys_are_checked_and_prompts_deleted(told: dict[str, Any]) -> None:
    assert told["auth"] is True
    assert told["deleted"] == "LangfuseNotFoundError"


def test_names_may_hold_what_a_url_writes_otherwise(told: dict[str, Any]) -> None:
    assert told["odd"] == [[True, True, True]] * 7


def test_what_is_included_is_put_in_or_told_as_it_is_written(told: dict[str, Any]) -> None:
    assert (told["resolved"], told["raw"], told["graph"]) == ("First: Good day {{name}}", True, True)


def test_what_is_refused_is_an_error_of_the_sdk(told: dict[str, Any]) -> None:
    codes = [code for _, code in told["refused"]]
    assert codes == ["BAD_USER_INPUT", "BAD_USER_INPUT", "BROKEN_REFERENCE", "STILL_INCLUDED"]


def test_a_program_that_sends_traces_goes_on(told: dict[str, Any]) -> None:
    assert told["traced"] == "Hello Ada"
