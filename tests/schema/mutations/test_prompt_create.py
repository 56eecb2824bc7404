from typing import Any

import pytest

from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import (
    BAD_FACTS,
    BAD_NAMES,
    BAD_VERSIONS,
    MISSHAPEN_VERSIONS,
    ODD_METADATA,
    SCRIPTS,
)

GOOD: dict[str, Any] = {"name": "support/refund-reply", "template": {"text": "Dear {{customer}},"}}
EVERYTHING = """prompt {
  id name title description category tags metadata visibility revision archivedAt
  labels { name }
  latestVersion {
    number changeNote
    template {
      ... on TextTemplate { text }
      ... on ChatTemplate { parts { ... on ChatMessage { role content } ... on MessagesPlaceholder { name } } }
    }
    variables { name type description defaultValue isRequired allowsSystemMessages }
    modelSettings { model temperature topP maxOutputTokens tools responseSchema extra }
  }
} searchToken"""


async def test_a_prompt_comes_with_its_first_version_and_one_event(api: Api, records: Records) -> None:
    payload = await api.change("promptCreate", GOOD, EVERYTHING)
    prompt = payload["prompt"]
    assert (prompt["name"], prompt["title"], prompt["revision"]) == ("support/refund-reply", "refund-reply", 1)
    assert (prompt["visibility"], prompt["tags"], prompt["metadata"]) == ("PRIVATE", [], {})
    assert prompt["latestVersion"]["template"] == {"text": "Dear {{customer}},"}
    assert payload["searchToken"]
    assert [event["kind"] for event in await records.all("events")] == ["created"]


async def test_every_field_comes_back_as_it_was_given(api: Api) -> None:
    given = {
        **GOOD,
        "title": "Refund reply",
        "description": "Says yes",
        "category": "support",
        "tags": ["b", "a"],
        "visibility": "PUBLIC",
        "template": {
            "chat": [
                {"message": {"role": "SYSTEM", "content": "Be {{tone}}."}},
                {"placeholder": "history"},
                {"message": {"role": "USER", "content": ""}},
            ]
        },
        "variables": [
            {"name": "tone", "description": "How to speak", "defaultValue": '"kind"'},
            {"name": "history", "type": "MESSAGES", "defaultValue": "[]", "allowsSystemMessages": True},
        ],
        "modelSettings": {
            "model": "gpt-x",
            "temperature": 0.5,
            "topP": 1,
            "maxOutputTokens": 100,
            "tools": [{"type": "function"}],
            "responseSchema": {"type": "object"},
            "extra": {"seed": 7},
        },
        "changeNote": "The first",
    }
    prompt = (await api.change("promptCreate", given, EVERYTHING))["prompt"]
    version = prompt["latestVersion"]
    same = ("title", "description", "category", "tags", "visibility")
    assert {name: prompt[name] for name in same} == {name: given[name] for name in same}
    assert version["template"]["parts"] == [
        {"role": "SYSTEM", "content": "Be {{tone}}."},
        {"name": "history"},
        {"role": "USER", "content": ""},
    ]
    assert [(v["name"], v["type"], v["defaultValue"], v["allowsSystemMessages"]) for v in version["variables"]] == [
        ("tone", "STRING", '"kind"', False),
        ("history", "MESSAGES", "[]", True),
    ]
    assert version["modelSettings"] == given["modelSettings"]
    assert version["changeNote"] == "The first"


async def test_an_explicit_null_is_as_good_as_a_field_left_out(api: Api) -> None:
    nulls = dict.fromkeys(("title", "description", "category", "metadata", "modelSettings", "changeNote"))
    prompt = (await api.change("promptCreate", {**GOOD, **nulls}, EVERYTHING))["prompt"]
    assert (prompt["title"], prompt["metadata"]) == ("refund-reply", {})
    assert prompt["latestVersion"]["modelSettings"] is None


async def test_odd_metadata_comes_back_unchanged_and_in_its_order(api: Api) -> None:
    created = (await api.change("promptCreate", {**GOOD, "metadata": ODD_METADATA}, EVERYTHING))["prompt"]
    read = await api.query("query($id: ID!) { prompt(by: {id: $id}) { metadata } }", {"id": created["id"]})
    assert read["prompt"]["metadata"] == ODD_METADATA
    assert list(read["prompt"]["metadata"]) == list(ODD_METADATA)


async def test_text_in_every_script_comes_back_unchanged(api: Api) -> None:
    name = "支援/返金 💸 възстановяване"
    given = {**GOOD, "name": name, "description": SCRIPTS, "changeNote": SCRIPTS, "template": {"text": SCRIPTS}}
    await api.change("promptCreate", given, EVERYTHING)
    found = EVERYTHING.replace("prompt {", "prompt(by: {name: $name}) {").replace("searchToken", "")
    read = await api.query(f"query($name: String!) {{ {found} }}", {"name": name})
    assert read["prompt"]["name"] == name
    assert read["prompt"]["description"] == SCRIPTS
    assert read["prompt"]["latestVersion"]["changeNote"] == SCRIPTS
    assert read["prompt"]["latestVersion"]["template"] == {"text": SCRIPTS}


@pytest.mark.parametrize(("change", "path"), BAD_NAMES + BAD_FACTS + BAD_VERSIONS)
async def test_bad_input_is_refused_and_nothing_is_written(
    untouched: Api, change: dict[str, Any], path: list[str]
) -> None:
    error = await untouched.refuse("promptCreate", {**GOOD, **change}, EVERYTHING)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", path)


@pytest.mark.parametrize(("change", "told"), MISSHAPEN_VERSIONS)
async def test_input_of_another_shape_is_refused_at_the_door(untouched: Api, change: dict[str, Any], told: str) -> None:
    assert told in await untouched.refuse_at_the_door("promptCreate", {**GOOD, **change})


async def test_a_name_is_taken_once(api: Api) -> None:
    await api.create("support/refund-reply")
    error = await api.refuse("promptCreate", GOOD)
    assert (error["__typename"], error["path"], error["name"]) == (
        "NameTakenError",
        ["input", "name"],
        "support/refund-reply",
    )


async def test_a_name_differs_by_case_and_is_the_same_in_either_normal_form(api: Api) -> None:
    await api.create("café")
    await api.create("Café")
    error = await api.refuse("promptCreate", {**GOOD, "name": "cafe\u0301"})
    assert error["__typename"] == "NameTakenError"
