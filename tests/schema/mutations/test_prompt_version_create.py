from typing import Any

import pytest

from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import BAD_VERSIONS, FORGED_IDS, MISSHAPEN_VERSIONS, SCRIPTS, UNKNOWN_PROMPT

VERSION = """version {
  number digest changeNote template { ... on TextTemplate { text } } previous { number } prompt { revision }
} isNew searchToken"""


def input_for(prompt: dict[str, Any], text: str = "Hello {{customer}},", expected: int = 1) -> dict[str, Any]:
    return {"promptId": prompt["id"], "expectedLatest": expected, "template": {"text": text}}


async def test_a_version_follows_the_latest(api: Api) -> None:
    prompt = await api.create()
    payload = await api.change("promptVersionCreate", {**input_for(prompt), "changeNote": "Warmer"}, VERSION)
    version = payload["version"]
    assert (version["number"], version["changeNote"], version["previous"]) == (2, "Warmer", {"number": 1})
    assert version["prompt"] == {"revision": 2}
    assert payload["isNew"] is True
    assert payload["searchToken"]


async def test_text_in_every_script_comes_back_unchanged(api: Api) -> None:
    prompt = await api.create()
    payload = await api.change("promptVersionCreate", input_for(prompt, SCRIPTS), VERSION)
    assert payload["version"]["template"] == {"text": SCRIPTS}


async def test_the_latest_content_again_is_returned_and_nothing_is_written(api: Api, records: Records) -> None:
    prompt = await api.create()
    first = await api.change("promptVersionCreate", input_for(prompt), VERSION)
    before = await records.snapshot()
    again = await api.change("promptVersionCreate", input_for(prompt), VERSION)
    assert again == {**first, "isNew": False}
    assert await records.snapshot() == before


async def test_a_stale_expected_latest_is_a_conflict_that_names_the_winner(api: Api) -> None:
    prompt = await api.create()
    winner = await api.append(prompt, "The winner")
    error = await api.refuse("promptVersionCreate", input_for(prompt, "The loser"), VERSION)
    assert (error["__typename"], error["path"]) == ("VersionConflictError", ["input", "expectedLatest"])
    assert error["latestVersion"] == {"id": winner["id"], "number": 2, "prompt": {"id": prompt["id"]}}


@pytest.mark.parametrize("expected", [-1, 0, 2, 2**31 - 1])
async def test_a_number_that_never_was_the_latest_is_a_conflict(
    untouched: Api, standing: dict[str, Any], expected: int
) -> None:
    error = await untouched.refuse("promptVersionCreate", input_for(standing, "New", expected), VERSION)
    assert error["__typename"] == "VersionConflictError"


async def test_going_back_is_a_new_version_with_the_older_content(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Second")
    payload = await api.change("promptVersionCreate", input_for(prompt, "Dear {{customer}},", 2), VERSION)
    assert (payload["version"]["number"], payload["isNew"]) == (3, True)


@pytest.mark.parametrize(("change", "path"), BAD_VERSIONS)
async def test_bad_input_is_refused_and_nothing_is_written(
    untouched: Api, standing: dict[str, Any], change: dict[str, Any], path: list[str]
) -> None:
    error = await untouched.refuse("promptVersionCreate", {**input_for(standing), **change}, VERSION)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", path)


@pytest.mark.parametrize(("change", "told"), MISSHAPEN_VERSIONS)
async def test_input_of_another_shape_is_refused_at_the_door(
    untouched: Api, standing: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    assert told in await untouched.refuse_at_the_door("promptVersionCreate", {**input_for(standing), **change})


async def test_an_archived_prompt_takes_no_version(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptArchive", {"promptId": prompt["id"]})
    error = await api.refuse("promptVersionCreate", input_for(prompt), VERSION)
    assert error["__typename"] == "PromptArchivedError"


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_prompt_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptVersionCreate", input_for({"id": forged}), VERSION)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "promptId"])


async def test_a_prompt_that_is_not_there_is_not_found(untouched: Api) -> None:
    error = await untouched.refuse("promptVersionCreate", input_for({"id": UNKNOWN_PROMPT}), VERSION)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
