from typing import Any

import pytest

from graph.schema.node import encode_id
from tests.schema.conftest import Api
from tests.schema.mutations.samples import BAD_NAMES, FORGED_IDS

FORK = """prompt {
  name title description tags metadata visibility revision labels { name }
  latestVersion { number template { ... on TextTemplate { text } } }
  forkedFrom { id number prompt { name } }
} searchToken"""


async def test_a_fork_starts_from_the_version_and_remembers_it(api: Api) -> None:
    source = await api.create(title="Refund", tags=["money"], metadata={"$a": 1}, visibility="PUBLIC")
    await api.append(source, "Second")
    await api.change("promptLabelSet", {"promptId": source["id"], "name": "staging", "version": {"number": 1}})
    version = source["latestVersion"]["id"]
    payload = await api.change("promptFork", {"versionId": version, "name": "mine/reply"}, FORK)
    assert payload["prompt"] == {
        "name": "mine/reply",
        "title": "Refund",
        "description": None,
        "tags": ["money"],
        "metadata": {"$a": 1},
        "visibility": "PRIVATE",
        "revision": 1,
        "labels": [],
        "latestVersion": {"number": 1, "template": {"text": "Dear {{customer}},"}},
        "forkedFrom": {"id": version, "number": 1, "prompt": {"name": "support/refund-reply"}},
    }
    assert payload["searchToken"]


@pytest.mark.parametrize(("change", "path"), BAD_NAMES)
async def test_a_bad_name_is_refused_and_nothing_is_written(
    untouched: Api, standing: dict[str, Any], change: dict[str, Any], path: list[str]
) -> None:
    error = await untouched.refuse("promptFork", {"versionId": standing["latestVersion"]["id"], **change}, FORK)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", path)


async def test_a_name_that_is_taken_is_refused(untouched: Api, standing: dict[str, Any]) -> None:
    error = await untouched.refuse(
        "promptFork", {"versionId": standing["latestVersion"]["id"], "name": standing["name"]}, FORK
    )
    assert (error["__typename"], error["path"]) == ("NameTakenError", ["input", "name"])


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_version_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptFork", {"versionId": forged, "name": "mine"}, FORK)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "versionId"])


async def test_an_id_of_a_prompt_is_no_version(untouched: Api, standing: dict[str, Any]) -> None:
    error = await untouched.refuse("promptFork", {"versionId": standing["id"], "name": "mine"}, FORK)
    assert error["__typename"] == "InvalidInputError"


async def test_a_version_that_is_not_there_is_not_found(untouched: Api) -> None:
    version = encode_id("PromptVersion", "nobody", 1)
    error = await untouched.refuse("promptFork", {"versionId": version, "name": "mine"}, FORK)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "versionId"])
