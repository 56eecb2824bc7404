from typing import Any

import pytest

from graph.domain.actors import Scope
from tests.fixtures import Records, caller
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, SURROGATE, UNKNOWN_PROMPT

LABELS = "prompt { revision labels { name } } searchToken"
WITHOUT_PROTECTED = caller("bob", set(Scope) - {Scope.LABELS_PROTECTED})


async def labelled(api: Api, name: str = "staging") -> dict[str, Any]:
    prompt = await api.create()
    await api.change("promptLabelSet", {"promptId": prompt["id"], "name": name, "version": {"number": 1}})
    return prompt


async def test_a_label_goes_and_the_ledger_keeps_it(api: Api, records: Records) -> None:
    prompt = await labelled(api)
    payload = await api.change("promptLabelRemove", {"promptId": prompt["id"], "name": "staging"}, LABELS)
    assert payload["prompt"] == {"revision": 3, "labels": []}
    assert payload["searchToken"]
    (event,) = await records.all("events", kind="label_removed")
    assert event["change"] == {"label": "staging", "from": 1, "to": None}


@pytest.mark.parametrize("name", ["nowhere", "latest", "v7", "", "$set", "labels.0", SURROGATE])
async def test_a_label_that_is_not_there_writes_nothing(untouched: Api, standing: dict[str, Any], name: str) -> None:
    before = await untouched.records.snapshot()
    payload = await untouched.change("promptLabelRemove", {"promptId": standing["id"], "name": name}, LABELS)
    assert payload["prompt"] == {"revision": 1, "labels": []}
    assert await untouched.records.snapshot() == before


async def test_a_protected_label_needs_its_scope(api: Api) -> None:
    prompt = await labelled(api, "production")
    input = {"promptId": prompt["id"], "name": "production"}
    error = await api.refuse("promptLabelRemove", input, LABELS, WITHOUT_PROTECTED)
    assert error["__typename"] == "LabelProtectedError"
    assert error["protected"] == {"name": "production", "version": {"number": 1}}
    await api.change("promptLabelRemove", input)


async def test_an_archived_prompt_keeps_its_labels(api: Api) -> None:
    prompt = await labelled(api)
    await api.change("promptArchive", {"promptId": prompt["id"]})
    error = await api.refuse("promptLabelRemove", {"promptId": prompt["id"], "name": "staging"}, LABELS)
    assert error["__typename"] == "PromptArchivedError"


@pytest.mark.parametrize("promptless", [*FORGED_IDS, pytest.param(UNKNOWN_PROMPT, id="an ID of nobody")])
async def test_an_id_of_no_prompt_is_not_found(untouched: Api, promptless: str) -> None:
    error = await untouched.refuse("promptLabelRemove", {"promptId": promptless, "name": "staging"}, LABELS)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
