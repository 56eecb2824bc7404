from typing import Any

import pytest

from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import BAD_FACTS, FORGED_IDS, ODD_METADATA, SCRIPTS, UNKNOWN_PROMPT

FACTS = "prompt { title description category tags metadata visibility revision } searchToken"
FULL: dict[str, Any] = {
    "title": "Refund reply",
    "description": "Says yes",
    "category": "support",
    "tags": ["money"],
    "metadata": {"owner": "ada"},
    "visibility": "PUBLIC",
}


async def test_what_is_given_changes_and_what_is_left_out_stays(api: Api) -> None:
    prompt = await api.create(**FULL)
    input = {"promptId": prompt["id"], "category": "billing"}
    changed = (await api.change("promptUpdate", input, FACTS))["prompt"]
    assert changed == {**FULL, "category": "billing", "revision": 2}


async def test_an_explicit_null_clears(api: Api) -> None:
    prompt = await api.create(**FULL)
    nulls = dict.fromkeys(("title", "description", "category", "tags", "metadata"))
    changed = (await api.change("promptUpdate", {"promptId": prompt["id"], **nulls}, FACTS))["prompt"]
    assert changed == {
        "title": "refund-reply",
        "description": None,
        "category": None,
        "tags": [],
        "metadata": {},
        "visibility": "PUBLIC",
        "revision": 2,
    }


async def test_visibility_cannot_be_cleared(api: Api) -> None:
    prompt = await api.create()
    error = await api.refuse("promptUpdate", {"promptId": prompt["id"], "visibility": None}, FACTS)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "visibility"])


async def test_a_literal_null_in_the_document_clears_too(api: Api) -> None:
    prompt = await api.create(**FULL)
    document = f'mutation {{ promptUpdate(input: {{promptId: "{prompt["id"]}", title: null}}) {{ {FACTS} }} }}'
    assert (await api.query(document))["promptUpdate"]["prompt"]["title"] == "refund-reply"


async def test_odd_metadata_and_text_in_every_script_come_back_unchanged(api: Api) -> None:
    prompt = await api.create()
    input = {"promptId": prompt["id"], "metadata": ODD_METADATA, "description": SCRIPTS}
    changed = (await api.change("promptUpdate", input, FACTS))["prompt"]
    assert (changed["metadata"], changed["description"]) == (ODD_METADATA, SCRIPTS)
    read = await api.query("query($id: ID!) { prompt(by: {id: $id}) { name metadata } }", {"id": prompt["id"]})
    assert read["prompt"] == {"name": prompt["name"], "metadata": ODD_METADATA}


async def test_the_same_facts_again_write_nothing(api: Api, records: Records) -> None:
    prompt = await api.create(**FULL)
    before = await records.snapshot()
    payload = await api.change("promptUpdate", {"promptId": prompt["id"], **FULL}, FACTS)
    assert payload["prompt"]["revision"] == 1
    assert payload["searchToken"]
    assert await records.snapshot() == before


@pytest.mark.parametrize(("change", "path"), BAD_FACTS)
async def test_bad_input_is_refused_and_nothing_is_written(
    untouched: Api, standing: dict[str, Any], change: dict[str, Any], path: list[str]
) -> None:
    error = await untouched.refuse("promptUpdate", {"promptId": standing["id"], **change}, FACTS)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", path)


async def test_a_stale_expected_revision_is_a_conflict_that_shows_the_prompt(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptUpdate", {"promptId": prompt["id"], "expectedRevision": 1, "title": "First"})
    input = {"promptId": prompt["id"], "expectedRevision": 1, "title": "Second"}
    error = await api.refuse("promptUpdate", input, FACTS)
    assert (error["__typename"], error["path"]) == ("RevisionConflictError", ["input", "expectedRevision"])
    assert error["prompt"] == {"id": prompt["id"], "revision": 2}


async def test_an_archived_prompt_is_not_changed(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptArchive", {"promptId": prompt["id"]})
    error = await api.refuse("promptUpdate", {"promptId": prompt["id"], "title": "New"}, FACTS)
    assert error["__typename"] == "PromptArchivedError"
    assert error["archivedAt"].endswith("Z")


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_prompt_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptUpdate", {"promptId": forged, "title": "New"}, FACTS)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "promptId"])


async def test_a_prompt_that_is_not_there_is_not_found(untouched: Api) -> None:
    error = await untouched.refuse("promptUpdate", {"promptId": UNKNOWN_PROMPT, "title": "New"}, FACTS)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
