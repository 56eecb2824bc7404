"""promptFeedback: for renderings of this registry only, summed for the version, replaced when it is said again."""

from typing import Any

import pytest

from graph.domain.actors import Grant
from tests.fixtures import caller
from tests.schema.conftest import Api

VERSION = "version { number feedbackSummary { count average } }"


async def render(api: Api, variables: dict[str, Any] | None = None) -> str:
    input = {"prompt": {"name": "support/refund-reply"}, "variables": variables or {"customer": "Ada"}}
    render_id: str = (await api.change("promptRender", input, "renderId"))["renderId"]
    return render_id


async def test_feedback_is_summed_and_said_again_it_replaces(api: Api) -> None:
    await api.create()
    one, other = await render(api), await render(api)
    assert one != other
    for render_id, score, count, average in ((one, 1, 1, 1.0), (other, 0.5, 2, 0.75), (one, 0, 2, 0.25)):
        input = {"renderId": render_id, "score": score, "comment": "so"}
        payload = await api.change("promptFeedback", input, VERSION)
        assert payload["version"] == {"number": 1, "feedbackSummary": {"count": count, "average": average}}
    assert [(kept["score"], kept["comment"]) for kept in await api.records.all("feedback", _id=one)] == [(0, "so")]


@pytest.mark.parametrize("score", [-0.1, 1.1])
async def test_a_score_is_from_0_to_1(api: Api, score: float) -> None:
    await api.create()
    error = await api.refuse("promptFeedback", {"renderId": await render(api), "score": score}, VERSION)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "score"])


async def test_a_comment_has_a_bound(api: Api) -> None:
    await api.create()
    error = await api.refuse(
        "promptFeedback", {"renderId": await render(api), "score": 1, "comment": "x" * 5_001}, VERSION
    )
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "comment"])


@pytest.mark.parametrize("forged", ["", "rnd_", "rnd_AAAA", "rnd_" + "A" * 600, "rnd_é", "x", "\0"])
async def test_what_this_registry_did_not_render_is_not_found(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptFeedback", {"renderId": forged, "score": 1}, VERSION)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "renderId"])


async def test_a_cursor_is_no_render_id(api: Api) -> None:
    signed = "rnd_" + api.deps.signer.sign("another list", ("a", 1, "b"))
    error = await api.refuse("promptFeedback", {"renderId": signed, "score": 1}, VERSION)
    assert error["__typename"] == "NotFoundError"


async def test_what_is_out_of_sight_or_gone_is_as_if_it_had_never_been_rendered(api: Api) -> None:
    prompt = await api.create()
    render_id = await render(api)
    elsewhere = caller("bob", grants=(Grant("other"),))
    error = await api.refuse("promptFeedback", {"renderId": render_id, "score": 1}, VERSION, elsewhere)
    assert error["__typename"] == "NotFoundError"
    await api.change("promptFeedback", {"renderId": render_id, "score": 1}, VERSION)
    await api.change("promptDelete", {"promptId": prompt["id"], "confirmName": prompt["name"]})
    assert await api.records.count("feedback") == 0
    error = await api.refuse("promptFeedback", {"renderId": render_id, "score": 1}, VERSION)
    assert error["__typename"] == "NotFoundError"


USAGE = """query($from: DateTime, $to: DateTime, $by: UsageStep!) {
  prompt(by: {name: "support/refund-reply"}) {
    latestVersion { usage(from: $from, to: $to, by: $by) { startsAt renderings } }
  }
}"""


async def test_usage_is_told_by_hours_and_days_within_the_window(api: Api) -> None:
    prompt = await api.create()
    await render(api)
    await api.deps.store.renders.flush()
    renders = api.deps.store.database.collection("renders")
    (held,) = await api.records.all("renders")
    for hour in (3, 5, 23):
        at = held["hour"].replace(year=2026, month=1, day=2, hour=hour)
        await renders.insert_one({**held, "_id": f"other {hour}", "hour": at, "count": hour})

    async def usage(**variables: Any) -> list[tuple[str, int]]:
        told = (await api.query(USAGE, variables))["prompt"]["latestVersion"]["usage"]
        return [(bucket["startsAt"], bucket["renderings"]) for bucket in told]

    day = {"from": "2026-01-02T00:00:00Z", "to": "2026-01-03T00:00:00Z"}
    assert await usage(**day, by="DAY") == [("2026-01-02T00:00:00.000Z", 31)]
    assert await usage(**{**day, "to": "2026-01-02T05:30:00Z"}, by="HOUR") == [
        ("2026-01-02T03:00:00.000Z", 3),
        ("2026-01-02T05:00:00.000Z", 5),
    ]
    assert [count for _, count in await usage(by="HOUR")] == [1]
    for wrong in ({"from": day["to"], "to": day["from"]}, {"from": "2020-01-01T00:00:00Z", "to": day["to"]}):
        result = await api.execute(USAGE, {**wrong, "by": "HOUR"})
        assert result.errors
    assert prompt["name"]
