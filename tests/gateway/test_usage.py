"""What runs took is recorded for their version, however they end; and feedback over plain HTTP."""

import asyncio
from typing import Any

import openai
import pytest

from graph.domain.prompts import VersionRef
from graph.domain.runs import FeedbackSummary, Outcome, Tokens, UsageBucket, UsageStep
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt
from graph.operations.usage import get_usage, usage_window
from tests.fixtures import draft
from tests.gateway.conftest import Gate

HI: Any = [{"role": "user", "content": "hi"}]


async def usage_of(gate: Gate, ref: VersionRef) -> UsageBucket:
    await gate.deps.store.renders.flush()
    window = usage_window(gate.deps, None, None, UsageStep.DAY)
    buckets = (await get_usage(gate.deps, [(ref, window)]))[ref, window]
    return buckets[0].plus(buckets[1]) if len(buckets) > 1 else buckets[0]


async def test_tokens_times_and_outcomes_are_summed_for_the_version(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    client, fields = gate.openai(), {"prompt_id": name}
    await client.chat.completions.create(model="m", messages=HI, extra_body=fields)
    stream = await client.chat.completions.create(model="m", messages=HI, stream=True, extra_body=fields)
    assert [chunk async for chunk in stream]
    await client.responses.create(model="m", extra_body={"prompt": {"id": name}})
    events = await client.responses.create(model="m", stream=True, extra_body={"prompt": {"id": name}})
    assert [event async for event in events]
    for model in ("unknown", "down", "hangs"):
        with pytest.raises(openai.APIStatusError):
            await client.chat.completions.create(model=model, messages=HI, extra_body=fields)
    told = await usage_of(gate, VersionRef(prompt.id, 1))
    assert told.tokens == Tokens(4 * 11, 4 * 3)
    assert (told.renderings, told.runs, told.first_tokens) == (7, 7, 2)
    assert told.outcomes == {
        Outcome.DONE: 4,
        Outcome.REFUSED: 1,
        Outcome.RATE_LIMITED: 1,
        Outcome.TIMED_OUT: 1,
    }
    assert told.milliseconds >= 1_000


async def test_a_run_that_its_caller_leaves_is_told_as_that(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    body = {"model": "pauses", "messages": HI, "stream": True, "prompt_id": name}
    response = await gate.session.post("/v1/chat/completions", json=body)
    await response.content.readany()
    response.close()
    await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)
    told = await usage_of(gate, VersionRef(prompt.id, 1))
    assert told.outcomes in ({Outcome.CANCELLED: 1}, {Outcome.TIMED_OUT: 1})


@pytest.mark.parametrize("asks", [True, False])
async def test_a_last_event_without_its_empty_line_counts(gate: Gate, name: str, asks: bool) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":3}}'
    gate.provider.says = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n' + usage
    body = {"stream": True, "prompt_id": name, "stream_options": {"include_usage": asks}}
    async with gate.session.post("/v1/chat/completions", json=body) as response:
        assert (await response.read()).endswith(usage) is asks
    assert (await usage_of(gate, VersionRef(prompt.id, 1))).tokens == Tokens(11, 3)


async def test_an_error_in_the_midst_of_a_stream_is_a_failure(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    first = b'data: {"choices":[{"delta":{"content":"Hi"},"index":0}]}\n\n'
    gate.provider.says = first + b'data: {"error":{"message":"Overloaded.","code":"overloaded"}}\n\n'
    fields = {"prompt_id": name}
    stream = await gate.openai().chat.completions.create(model="m", messages=HI, stream=True, extra_body=fields)
    with pytest.raises(openai.APIError, match="Overloaded") as caught:
        [chunk async for chunk in stream]
    assert caught.value.code == "overloaded"
    assert (await usage_of(gate, VersionRef(prompt.id, 1))).outcomes == {Outcome.FAILED: 1}


async def test_a_caller_who_hangs_up_at_the_end_has_had_it_all(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    body = {"model": "lingers", "messages": HI, "stream": True, "prompt_id": name}
    async with gate.session.post("/v1/chat/completions", json=body) as response:
        async for line in response.content:
            if b"[DONE]" in line:
                break
        response.close()
    await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)
    assert (await usage_of(gate, VersionRef(prompt.id, 1))).outcomes == {Outcome.DONE: 1}


async def test_feedback_is_taken_over_plain_http(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    _, _, headers = await gate.post("/v1/chat/completions", {"prompt_id": name})
    render_id = headers["X-Promptgraph-Render-Id"]
    given = {"render_id": render_id, "score": True, "comment": "well"}
    status, answer, _ = await gate.post("/v1/feedback", given)
    assert (status, answer) == (200, {"object": "feedback", "render_id": render_id, "score": 1.0, "comment": "well"})
    ref = VersionRef(prompt.id, 1)
    assert await gate.deps.store.feedback.summaries([ref]) == {ref: FeedbackSummary(1, 1.0)}


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"render_id": "rnd_x", "score": 1}, 404, "render_id"),
        ({"score": 1}, 400, "render_id"),
        ([], 400, "render_id"),
    ],
)
async def test_feedback_on_nothing_is_refused(gate: Gate, body: Any, status: int, param: str) -> None:
    told, answer, _ = await gate.post("/v1/feedback", body)
    assert (told, answer["error"]["param"]) == (status, param)
