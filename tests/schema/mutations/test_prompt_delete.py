from typing import Any

import pytest

from graph.operations.search_tokens import SEARCH_TOKEN
from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, SURROGATE, UNKNOWN_PROMPT

DELETED = "deletedPromptId searchToken"


async def test_a_removed_prompt_is_gone_and_its_name_is_free(api: Api) -> None:
    prompt = await api.create()
    input = {"promptId": prompt["id"], "confirmName": prompt["name"]}
    payload = await api.change("promptDelete", input, DELETED)
    assert payload["deletedPromptId"] == prompt["id"]
    read = await api.query(
        "query($id: ID!) { prompt(by: {id: $id}) { id } node(id: $id) { id } }", {"id": prompt["id"]}
    )
    assert read == {"prompt": None, "node": None}
    assert (await api.create(prompt["name"]))["id"] != prompt["id"]


async def test_the_search_token_is_of_the_removal(api: Api, records: Records) -> None:
    prompt = await api.create()
    payload = await api.change("promptDelete", {"promptId": prompt["id"], "confirmName": prompt["name"]}, DELETED)
    prompt_id, revision = api.deps.signer.read(SEARCH_TOKEN, payload["searchToken"])
    last = (await records.events(prompt_id))[-1]
    assert (last["kind"], last["rev"], revision) == ("deleted", 2, 2)


@pytest.mark.parametrize("name", ["", "support", "Support/refund-reply", SURROGATE])
async def test_another_name_removes_nothing(untouched: Api, standing: dict[str, Any], name: str) -> None:
    error = await untouched.refuse("promptDelete", {"promptId": standing["id"], "confirmName": name}, DELETED)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "confirmName"])


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_prompt_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptDelete", {"promptId": forged, "confirmName": "x"}, DELETED)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "promptId"])


async def test_a_prompt_that_is_not_there_is_not_found(untouched: Api) -> None:
    error = await untouched.refuse("promptDelete", {"promptId": UNKNOWN_PROMPT, "confirmName": "x"}, DELETED)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
