import pytest

from tests.fixtures import Records
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, UNKNOWN_PROMPT

PROMPT = "prompt { archivedAt revision } searchToken"


async def test_an_archived_prompt_says_since_when_and_is_still_read(api: Api, records: Records) -> None:
    prompt = await api.create()
    payload = await api.change("promptArchive", {"promptId": prompt["id"]}, PROMPT)
    assert payload["prompt"]["archivedAt"].endswith("Z")
    assert payload["prompt"]["revision"] == 2
    assert payload["searchToken"]
    read = await api.query("query($name: String!) { prompt(by: {name: $name}) { revision } }", {"name": prompt["name"]})
    assert read["prompt"] == {"revision": 2}
    assert [event["kind"] for event in await records.all("events")] == ["created", "archived"]


async def test_archiving_again_writes_nothing_and_keeps_the_time(api: Api, records: Records) -> None:
    prompt = await api.create()
    first = await api.change("promptArchive", {"promptId": prompt["id"]}, PROMPT)
    before = await records.snapshot()
    assert await api.change("promptArchive", {"promptId": prompt["id"]}, PROMPT) == first
    assert await records.snapshot() == before


@pytest.mark.parametrize("promptless", [*FORGED_IDS, pytest.param(UNKNOWN_PROMPT, id="an ID of nobody")])
async def test_an_id_of_no_prompt_is_not_found(untouched: Api, promptless: str) -> None:
    error = await untouched.refuse("promptArchive", {"promptId": promptless}, PROMPT)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
