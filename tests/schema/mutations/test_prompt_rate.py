from typing import Any

import pytest

from graph.schema.node import encode_id
from tests.fixtures import Records, caller
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, LIMITS, SCRIPTS, SURROGATE, UNKNOWN_PROMPT, bad

RATED = """rating { id score comment version { number } prompt { id } }
prompt { revision ratingSummary { average count histogram { score count } } viewerRating { score } }
searchToken"""


def input_for(prompt: dict[str, Any], score: int = 4, **more: Any) -> dict[str, Any]:
    return {"promptId": prompt["id"], "score": score, **more}


async def test_a_rating_counts_at_once(api: Api, records: Records) -> None:
    prompt = await api.create()
    payload = await api.change("promptRate", input_for(prompt, comment=SCRIPTS), RATED)
    assert (payload["rating"]["score"], payload["rating"]["comment"]) == (4, SCRIPTS)
    assert payload["rating"]["version"] == {"number": 1}
    assert payload["prompt"]["revision"] == 2
    assert payload["prompt"]["viewerRating"] == {"score": 4}
    summary = payload["prompt"]["ratingSummary"]
    assert (summary["average"], summary["count"]) == (4, 1)
    assert summary["histogram"] == [{"score": score, "count": int(score == 4)} for score in range(1, 6)]
    assert payload["searchToken"]
    assert [event["kind"] for event in await records.all("events")] == ["created", "rated"]


async def test_rating_again_replaces_and_others_add_up(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptRate", input_for(prompt, 1))
    first = await api.change("promptRate", input_for(prompt, 5), RATED)
    second = await api.change("promptRate", input_for(prompt, 2), RATED, caller("bob"))
    assert first["prompt"]["ratingSummary"]["count"] == 1
    assert second["prompt"]["ratingSummary"]["average"] == 3.5
    assert second["rating"]["id"] != first["rating"]["id"]


async def test_an_older_version_can_be_rated(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Second")
    rated = await api.change("promptRate", input_for(prompt, version={"id": prompt["latestVersion"]["id"]}), RATED)
    assert rated["rating"]["version"] == {"number": 1}
    latest = await api.change("promptRate", input_for(prompt, version=None, comment=None), RATED)
    assert latest["rating"]["version"] == {"number": 2}


async def test_the_same_rating_again_writes_nothing(api: Api, records: Records) -> None:
    prompt = await api.create()
    first = await api.change("promptRate", input_for(prompt), RATED)
    before = await records.snapshot()
    assert await api.change("promptRate", input_for(prompt), RATED) == first
    assert await records.snapshot() == before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        bad("score 0", {"score": 0}, "score"),
        bad("score 6", {"score": 6}, "score"),
        bad("negative score", {"score": -1}, "score"),
        bad("over-long comment", {"comment": "c" * (LIMITS.comment + 1)}, "comment"),
        bad("lone surrogate", {"comment": SURROGATE}, "comment"),
        bad("forged version", {"version": {"id": "nonsense"}}, "version", "id"),
        bad("version of another", {"version": {"id": encode_id("PromptVersion", "x", 1)}}, "version", "id"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_written(
    untouched: Api, standing: dict[str, Any], change: dict[str, Any], path: list[str]
) -> None:
    error = await untouched.refuse("promptRate", {**input_for(standing), **change}, RATED)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", path)


@pytest.mark.parametrize("score", [4.5, "4", None, 2**40])
async def test_a_score_that_is_no_integer_is_refused_at_the_door(
    untouched: Api, standing: dict[str, Any], score: Any
) -> None:
    assert "Int" in await untouched.refuse_at_the_door("promptRate", input_for(standing, score))


@pytest.mark.parametrize("by", [{"number": 9}, {"label": "nowhere"}])
async def test_a_version_that_is_not_there_is_not_found(
    untouched: Api, standing: dict[str, Any], by: dict[str, Any]
) -> None:
    error = await untouched.refuse("promptRate", input_for(standing, version=by), RATED)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "version"])


async def test_an_archived_prompt_is_not_rated(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptArchive", {"promptId": prompt["id"]})
    error = await api.refuse("promptRate", input_for(prompt), RATED)
    assert error["__typename"] == "PromptArchivedError"


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_prompt_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptRate", input_for({"id": forged}), RATED)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "promptId"])


async def test_a_prompt_that_is_not_there_is_not_found(untouched: Api) -> None:
    error = await untouched.refuse("promptRate", input_for({"id": UNKNOWN_PROMPT}), RATED)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
