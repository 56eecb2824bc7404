from typing import Any

import pytest

from tests.fixtures import Records, caller
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, UNKNOWN_PROMPT

SUMMARY = "prompt { revision ratingSummary { average count } viewerRating { score } } searchToken"


async def test_the_callers_rating_goes_and_others_stay(api: Api, records: Records) -> None:
    prompt = await api.create()
    await api.change("promptRate", {"promptId": prompt["id"], "score": 1})
    await api.change("promptRate", {"promptId": prompt["id"], "score": 5}, access=caller("bob"))
    payload = await api.change("promptUnrate", {"promptId": prompt["id"]}, SUMMARY)
    assert payload["prompt"] == {
        "revision": 4,
        "ratingSummary": {"average": 5, "count": 1},
        "viewerRating": None,
    }
    assert payload["searchToken"]
    assert [event["kind"] for event in await records.all("events")] == ["created", "rated", "rated", "unrated"]


async def test_an_archived_prompt_can_be_unrated(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptRate", {"promptId": prompt["id"], "score": 1})
    await api.change("promptArchive", {"promptId": prompt["id"]})
    payload = await api.change("promptUnrate", {"promptId": prompt["id"]}, SUMMARY)
    assert payload["prompt"]["ratingSummary"] == {"average": None, "count": 0}


async def test_without_a_rating_nothing_is_written(untouched: Api, standing: dict[str, Any]) -> None:
    before = await untouched.records.snapshot()
    payload = await untouched.change("promptUnrate", {"promptId": standing["id"]}, SUMMARY)
    assert payload["prompt"]["revision"] == 1
    assert await untouched.records.snapshot() == before


@pytest.mark.parametrize("promptless", [*FORGED_IDS, pytest.param(UNKNOWN_PROMPT, id="an ID of nobody")])
async def test_an_id_of_no_prompt_is_not_found(untouched: Api, promptless: str) -> None:
    error = await untouched.refuse("promptUnrate", {"promptId": promptless}, SUMMARY)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
