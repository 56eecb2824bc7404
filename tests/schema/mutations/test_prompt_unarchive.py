import pytest

from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, UNKNOWN_PROMPT

PROMPT = "prompt { archivedAt revision } searchToken"


async def test_a_prompt_comes_back_and_can_be_changed_again(api: Api, records: Records) -> None:
    prompt = await api.create()
    await api.change("promptArchive", {"promptId": prompt["id"]})
    payload = await api.change("promptUnarchive", {"promptId": prompt["id"]}, PROMPT)
    assert payload["prompt"] == {"archivedAt": None, "revision": 3}
    assert payload["searchToken"]
    assert (await api.append(prompt, "Hello {{customer}},"))["number"] == 2
    kinds = [event["kind"] for event in await records.all("events")]
    assert kinds == ["created", "archived", "unarchived", "version_created"]


async def test_unarchiving_a_live_prompt_writes_nothing(api: Api, records: Records) -> None:
    prompt = await api.create()
    before = await records.snapshot()
    payload = await api.change("promptUnarchive", {"promptId": prompt["id"]}, PROMPT)
    assert payload["prompt"] == {"archivedAt": None, "revision": 1}
    assert await records.snapshot() == before


@pytest.mark.parametrize("promptless", [*FORGED_IDS, pytest.param(UNKNOWN_PROMPT, id="an ID of nobody")])
async def test_an_id_of_no_prompt_is_not_found(untouched: Api, promptless: str) -> None:
    error = await untouched.refuse("promptUnarchive", {"promptId": promptless}, PROMPT)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
