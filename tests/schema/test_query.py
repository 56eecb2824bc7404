"""What can be read of a prompt, its versions, labels and ratings."""

import re
from typing import Any

import pytest

from graph.domain.actors import ANONYMOUS, Access, Scope
from graph.domain.errors import InvalidInputError, InvalidVariableError
from graph.operations.access import LOCAL
from graph.schema.node import encode_id
from tests.fixtures import caller
from tests.schema.conftest import Api

NAME = "support/refund-reply"


async def read(api: Api, fields: str, name: str = NAME, **more: Any) -> Any:
    query = f"query($name: String!) {{ prompt(by: {{name: $name}}) {{ {fields} }} }}"
    return (await api.query(query, {"name": name}, **more))["prompt"]


async def test_a_new_prompt_is_read_whole(api: Api) -> None:
    await api.deps.store.actors.ensure(LOCAL)
    metadata = {"$set": 1, "a.b": [None, True, {"__proto__": "x"}], "Ω": 1.5}
    await api.create(tags=["b", "a"], metadata=metadata, category="Support", description="Polite.")
    found = await read(
        api,
        """name title description category tags metadata visibility revision createdAt updatedAt archivedAt usageCount
        author { __typename id displayName } labels { name } forkedFrom { number } viewerRating { score }
        ratingSummary { average count histogram { score count } }
        latestVersion { number changeNote digest createdAt author { displayName } prompt { name } previous { number }
          labels { name } warnings { message } modelSettings { model } changesFrom { textDiff }
          variables { name type description defaultValue isRequired allowsSystemMessages }
          ratingSummary { average count } template { ... on TextTemplate { text } } }""",
    )
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ", found["createdAt"])
    assert found.pop("createdAt") == found.pop("updatedAt") == found["latestVersion"].pop("createdAt")
    assert re.fullmatch("[0-9a-f]{64}", found["latestVersion"].pop("digest"))
    variable = {"name": "customer", "type": "STRING", "description": None, "defaultValue": None, "isRequired": True}
    buckets = [{"score": score, "count": 0} for score in range(1, 6)]
    assert found == {
        "name": NAME,
        "title": "refund-reply",
        "description": "Polite.",
        "category": "Support",
        "tags": ["b", "a"],
        "metadata": metadata,
        "visibility": "PRIVATE",
        "revision": 1,
        "archivedAt": None,
        "usageCount": 0,
        "author": {"__typename": "User", "id": encode_id("User", "local"), "displayName": "Local administrator"},
        "labels": [],
        "forkedFrom": None,
        "viewerRating": None,
        "ratingSummary": {"average": None, "count": 0, "histogram": buckets},
        "latestVersion": {
            "number": 1,
            "changeNote": None,
            "author": {"displayName": "Local administrator"},
            "prompt": {"name": NAME},
            "previous": None,
            "labels": [],
            "warnings": [],
            "modelSettings": None,
            "changesFrom": None,
            "variables": [{**variable, "allowsSystemMessages": False}],
            "ratingSummary": {"average": None, "count": 0},
            "template": {"text": "Dear {{customer}},"},
        },
    }


async def test_the_author_is_null_when_the_account_is_gone(api: Api) -> None:
    await api.create()
    assert await read(api, "author { id } latestVersion { author { id } }") == {
        "author": None,
        "latestVersion": {"author": None},
    }


async def test_a_prompt_is_found_by_id_and_by_name_and_is_null_when_unseen(api: Api) -> None:
    prompt = await api.create()
    query = "query($by: PromptBy!) { prompt(by: $by) { name } }"
    for by in ({"id": prompt["id"]}, {"name": NAME}):
        assert await api.query(query, {"by": by}) == {"prompt": {"name": NAME}}
        assert await api.query(query, {"by": by}, ANONYMOUS) == {"prompt": None}
    assert await api.query(query, {"by": {"name": NAME.upper()}}) == {"prompt": None}


@pytest.mark.parametrize("by", [{}, {"id": "x", "name": "y"}, {"name": None}])
async def test_a_prompt_is_named_in_exactly_one_way(api: Api, by: dict[str, Any]) -> None:
    result = await api.execute("query($by: PromptBy!) { prompt(by: $by) { name } }", {"by": by})
    assert result.errors is not None
    assert "prompt" not in (result.data or {})


async def test_an_id_of_another_type_is_bad_input(api: Api) -> None:
    prompt = await api.create()
    query = "query($id: ID!) { prompt(by: {id: $id}) { name } }"
    result = await api.execute(query, {"id": prompt["latestVersion"]["id"]})
    assert result.errors is not None
    error = result.errors[0].original_error
    assert isinstance(error, InvalidInputError)
    assert (error.path, error.code) == (("by", "id"), "BAD_USER_INPUT")


async def test_a_version_answers_to_its_number_its_label_and_its_id(api: Api) -> None:
    prompt = await api.create()
    second = await api.append(prompt, "Hello {{customer}} of {{city}},")
    await api.change("promptLabelSet", {"promptId": prompt["id"], "name": "staging", "version": {"number": 1}})
    fields = f"""one: version(by: {{number: 1}}) {{ number }} label: version(by: {{label: "staging"}}) {{ number }}
      latest: version(by: {{label: "latest"}}) {{ number }} id: version(by: {{id: "{second["id"]}"}}) {{ number }}
      none: version(by: {{number: 3}}) {{ number }} zero: version(by: {{number: 0}}) {{ number }}
      unknown: version(by: {{label: "production"}}) {{ number }}"""
    found = {key: value and value["number"] for key, value in (await read(api, fields)).items()}
    answers = {"one": 1, "label": 1, "latest": 2, "id": 2}
    assert found == {**answers, "none": None, "zero": None, "unknown": None}


async def test_a_version_of_another_prompt_does_not_answer(api: Api) -> None:
    other = await api.create("other")
    await api.create()
    assert await read(api, f'version(by: {{id: "{other["latestVersion"]["id"]}"}}) {{ number }}') == {"version": None}


async def test_changes_are_told_from_the_version_before_or_from_any_other(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Hello {{customer}} of {{city}},")
    changes = "from { number } to { number } addedVariables { name } removedVariables { name } isBreaking textDiff"
    fields = f"""latestVersion {{ changesFrom {{ {changes} }} same: changesFrom(version: {{number: 2}}) {{ isBreaking }}
      none: changesFrom(version: {{number: 9}}) {{ isBreaking }} }}"""
    found = (await read(api, fields))["latestVersion"]
    diff = found["changesFrom"].pop("textDiff")
    assert "-Dear {{customer}}," in diff
    assert "+Hello {{customer}} of {{city}}," in diff
    assert found == {
        "changesFrom": {
            "from": {"number": 1},
            "to": {"number": 2},
            "addedVariables": [{"name": "city"}],
            "removedVariables": [],
            "isBreaking": True,
        },
        "same": {"isBreaking": False},
        "none": None,
    }


async def test_a_preview_tells_of_missing_and_unused_variables_and_records_nothing(api: Api) -> None:
    await api.create()
    before = await api.records.snapshot()
    fields = """latestVersion { empty: preview { content { ... on RenderedText { text } } missingVariables { name } }
      full: preview(variables: {customer: "Ada", x: 1}) { version { number } content { ... on RenderedText { text } }
        missingVariables { name } unusedVariables } }"""
    found = (await read(api, fields))["latestVersion"]
    assert found["empty"]["missingVariables"] == [{"name": "customer"}]
    full = {"version": {"number": 1}, "content": {"text": "Dear Ada,"}, "missingVariables": []}
    assert found["full"] == {**full, "unusedVariables": ["x"]}
    assert await api.records.snapshot() == before


PREVIEW = """query($name: String!, $values: VariableValues!) { prompt(by: {name: $name}) {
  latestVersion { preview(variables: $values) { __typename } } } }"""


async def test_a_preview_with_a_value_of_the_wrong_type_is_an_error(api: Api) -> None:
    await api.create(variables=[{"name": "customer", "type": "NUMBER"}])
    result = await api.execute(PREVIEW, {"name": NAME, "values": {"customer": "x"}})
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, InvalidVariableError)


async def test_variables_must_be_an_object(api: Api) -> None:
    result = await api.execute(PREVIEW, {"name": NAME, "values": [1]})
    assert result.errors is not None
    assert "JSON object" in result.errors[0].message


async def test_a_chat_is_read_and_rendered_part_by_part(api: Api) -> None:
    chat = [{"message": {"role": "SYSTEM", "content": "Be {{mood}}. {{"}}, {"placeholder": "history"}]
    await api.create(template={"chat": chat})
    fields = """latestVersion { template { ... on ChatTemplate { parts { __typename ... on ChatMessage { role content }
      ... on MessagesPlaceholder { name } } } } variables { name type } warnings { part line column }
      preview(variables: {mood: "kind", history: [{role: "user", content: "Hi"}]}) {
        content { ... on RenderedChat { messages { role content } } } } }"""
    found = (await read(api, fields))["latestVersion"]
    message = {"__typename": "ChatMessage", "role": "SYSTEM", "content": "Be {{mood}}. {{"}
    assert found["template"]["parts"] == [message, {"__typename": "MessagesPlaceholder", "name": "history"}]
    assert found["variables"] == [{"name": "mood", "type": "STRING"}, {"name": "history", "type": "MESSAGES"}]
    assert found["warnings"] == [{"part": 0, "line": 1, "column": 14}]
    messages = [{"role": "SYSTEM", "content": "Be kind. {{"}, {"role": "USER", "content": "Hi"}]
    assert found["preview"]["content"]["messages"] == messages


async def test_labels_are_told_by_name_with_their_history_newest_first(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Hello,")
    for name, number in (("staging", 1), ("production", 1), ("production", 2)):
        await api.change("promptLabelSet", {"promptId": prompt["id"], "name": name, "version": {"number": number}})
    query = """query($first: Int) { prompt(by: {name: "support/refund-reply"}) {
      labels { name isProtected version { number } history(first: $first) { totalCount pageInfo { hasNextPage }
        nodes { fromVersion { number } toVersion { number } } } } } }"""
    labels = (await api.query(query))["prompt"]["labels"]
    assert [(label["name"], label["isProtected"], label["version"]["number"]) for label in labels] == [
        ("production", True, 2),
        ("staging", False, 1),
    ]
    history = labels[0]["history"]
    one, two = {"number": 1}, {"number": 2}
    assert history["nodes"] == [
        {"fromVersion": one, "toVersion": two},
        {"fromVersion": None, "toVersion": one},
    ]
    assert history["totalCount"] == 2
    page = (await api.query(query, {"first": 1}))["prompt"]["labels"][0]["history"]
    assert page["pageInfo"]["hasNextPage"]


async def test_ratings_are_listed_and_the_callers_own_is_shown(api: Api) -> None:
    prompt = await api.create()
    for handle, score in (("ada", 5), ("bob", 2)):
        await api.change("promptRate", {"promptId": prompt["id"], "score": score}, access=caller(handle))
    fields = """viewerRating { score comment version { number } prompt { name } rater { id } }
      ratingSummary { average count } latestVersion { ratingSummary { average count } }
      ratings(first: 1) { nodes { score } totalCount pageInfo { hasNextPage endCursor } }"""
    found = await read(api, fields, access=caller("ada"))
    mine = {"score": 5, "comment": None, "version": {"number": 1}, "prompt": {"name": NAME}, "rater": None}
    assert found["viewerRating"] == mine
    assert found["ratingSummary"] == found["latestVersion"]["ratingSummary"] == {"average": 3.5, "count": 2}
    assert found["ratings"]["totalCount"] == 2
    cursor = found["ratings"]["pageInfo"]["endCursor"]
    rest = await read(api, f'ratings(after: "{cursor}") {{ nodes {{ score }} pageInfo {{ hasNextPage }} }}')
    assert {found["ratings"]["nodes"][0]["score"], rest["ratings"]["nodes"][0]["score"]} == {2, 5}
    assert (await read(api, "viewerRating { score }", access=caller("cleo")))["viewerRating"] is None


async def test_a_fork_names_its_source_only_to_those_who_may_see_it(api: Api) -> None:
    source = await api.create("secret/source")
    await api.change("promptFork", {"versionId": source["latestVersion"]["id"], "name": "open/fork"})
    fields = "forkedFrom { number prompt { name } }"
    assert (await read(api, fields, "open/fork"))["forkedFrom"] == {"number": 1, "prompt": {"name": "secret/source"}}
    public = await api.query('{ prompt(by: {name: "open/fork"}) { id } }')
    await api.change("promptUpdate", {"promptId": public["prompt"]["id"], "visibility": "PUBLIC"})
    stranger = Access(actor=None, reads_public=True)
    assert await read(api, fields, "open/fork", access=stranger) == {"forkedFrom": None}


async def test_the_viewer_is_told_who_they_are(api: Api) -> None:
    query = "{ viewer { actor { __typename displayName } scopes rateLimit { limit } } }"
    access = caller("ada", scopes=[Scope.RENDER, Scope.PROMPTS_READ])
    viewer = (await api.query(query, None, access))["viewer"]
    assert viewer == {
        "actor": {"__typename": "User", "displayName": "Ada"},
        "scopes": ["prompts:read", "render"],
        "rateLimit": None,
    }
    assert await api.query(query, None, ANONYMOUS) == {"viewer": None}
