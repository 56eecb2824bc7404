"""OpenAI's own client for Python, unchanged but for its base URL."""

import asyncio
from typing import Any

import openai
import pytest

from graph.domain.prompts import PromptDraft, VersionByNumber, VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, ModelSettings, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from tests.fixtures import draft
from tests.gateway.conftest import Gate
from tests.gateway.provider import KEY, WORDS

BY_ADA = {"prompt_id": "support/refund", "prompt_variables": {"customer": "Ada"}}
HI: Any = [{"role": "user", "content": "hi"}]


async def test_a_completion_has_the_template_and_then_the_callers_messages(gate: Gate) -> None:
    raw = await gate.openai().chat.completions.with_raw_response.create(model="", messages=HI, extra_body=BY_ADA)
    assert raw.parse().choices[0].message.content == "".join(WORDS)
    assert gate.provider.last == {
        "model": "m",
        "messages": [{"role": "system", "content": "Dear Ada,"}, {"role": "user", "content": "hi"}],
    }
    assert gate.provider.authorizations == [f"Bearer {KEY}"]
    assert raw.headers["x-promptgraph-prompt"] == "support/refund"
    assert raw.headers["x-promptgraph-version"] == "1"
    assert "x-promptgraph-label" not in raw.headers
    assert raw.headers["x-promptgraph-render-id"].startswith("rnd_")


async def test_litellm_s_environment_development_is_the_latest_version_here_too(gate: Gate) -> None:
    fields = BY_ADA | {"prompt_environment": "development"}
    raw = await gate.openai().chat.completions.with_raw_response.create(model="", messages=HI, extra_body=fields)
    assert raw.headers["x-promptgraph-version"] == "1"
    assert "prompt_environment" not in gate.provider.last


async def test_a_stream_comes_word_by_word_without_a_usage_that_nobody_asked_for(gate: Gate) -> None:
    stream = await gate.openai().chat.completions.create(model="m", messages=HI, stream=True, extra_body=BY_ADA)
    chunks = [chunk async for chunk in stream]
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", *WORDS, None]
    assert gate.provider.last["stream_options"] == {"include_usage": True}


async def test_a_usage_that_was_asked_for_comes_at_the_end(gate: Gate) -> None:
    stream = await gate.openai().chat.completions.create(
        model="m", messages=HI, stream=True, stream_options={"include_usage": True}, extra_body=BY_ADA
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage
    assert chunks[-1].usage.total_tokens == 14


async def test_the_first_word_is_not_held_back(gate: Gate) -> None:
    stream = await gate.openai().chat.completions.create(model="pauses", messages=HI, stream=True, extra_body=BY_ADA)
    first = await asyncio.wait_for(anext(aiter(stream)), 10)
    assert first.choices[0].delta.role == "assistant"
    assert not gate.provider.may_go_on.is_set()
    gate.provider.may_go_on.set()
    assert [chunk.choices[0].delta.content async for chunk in stream] == [*WORDS, None]


async def test_a_response_takes_openai_s_own_prompt_object(gate: Gate) -> None:
    prompt: Any = {"id": "support/refund", "version": "1", "variables": {"customer": "Ada"}}
    response = await gate.openai().responses.create(prompt=prompt, input="hi")
    assert response.output_text == "".join(WORDS)
    assert response.prompt
    assert response.prompt.to_dict() == prompt
    assert gate.provider.last == {
        "model": "m",
        "input": [{"role": "system", "content": "Dear Ada,"}, {"role": "user", "content": "hi"}],
    }


@pytest.mark.parametrize("prompt", [{"id": "support/refund@1"}, {"prompt_id": "support/refund", "version": 1}])
async def test_a_response_needs_no_input_and_takes_a_text_as_a_part(gate: Gate, prompt: dict[str, Any]) -> None:
    variables = {"customer": {"type": "input_text", "text": "Ada"}}
    response = await gate.openai().responses.create(extra_body={"prompt": {**prompt, "variables": variables}})
    assert response.output_text
    assert gate.provider.last["input"] == [{"role": "user", "content": "Dear Ada,"}]
    assert response.prompt
    told = response.prompt.to_dict()
    assert told == {"id": "support/refund", "version": "1", "variables": {"customer": "Ada"}}
    again = await gate.openai().responses.create(extra_body={"prompt": told})
    assert again.prompt == response.prompt


async def test_a_response_streams(gate: Gate) -> None:
    prompt: Any = {"id": "support/refund", "variables": {"customer": "Ada"}}
    stream = await gate.openai().responses.create(prompt=prompt, stream=True)
    events = [event async for event in stream]
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == list(WORDS)
    assert events[-1].type == "response.completed"
    told = [event.response.prompt for event in (events[0], events[-1])]  # type: ignore[union-attr]  # both have one
    assert [(one.id, one.version) for one in told if one] == [("support/refund", "1")] * 2
    assert "stream_options" not in gate.provider.last


async def test_a_label_is_followed_and_told(gate: Gate, name: str) -> None:
    prompt = await create_prompt(gate.deps, LOCAL_ACCESS, draft(name, text="Hello"))
    await set_label(gate.deps, LOCAL_ACCESS, prompt.id, "production", VersionByNumber(1))
    create = gate.openai().chat.completions.with_raw_response.create
    for fields in ({"prompt_id": f"{name}@production"}, {"prompt_id": name, "prompt_label": "production"}):
        raw = await create(model="", messages=[], extra_body=fields)
        assert raw.headers["x-promptgraph-label"] == "production"
        assert gate.provider.last["messages"] == [{"role": "user", "content": "Hello"}]


async def test_the_version_s_model_and_parameters_hold_until_the_caller_says_otherwise(gate: Gate) -> None:
    settings = ModelSettings(
        model="ours",
        temperature=0.2,
        max_output_tokens=9,
        tools=({"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}},),
        response_schema={"type": "object", "properties": {}, "additionalProperties": False},
        extra={"seed": 5, "messages": ["not this"]},
    )
    version = VersionDraft(TextTemplate("Hello"), model_settings=settings)
    await create_prompt(gate.deps, LOCAL_ACCESS, PromptDraft("tuned", version))
    client = gate.openai()
    await client.chat.completions.create(model="promptgraph", messages=[], extra_body={"prompt_id": "tuned"})
    assert gate.provider.last == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0.2,
        "max_completion_tokens": 9,
        "seed": 5,
        "tools": list(settings.tools),
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "tuned", "schema": settings.response_schema, "strict": True},
        },
    }
    await client.chat.completions.create(
        model="other", messages=[], temperature=1, max_tokens=5, seed=6, extra_body={"prompt_id": "tuned"}
    )
    told = {name: gate.provider.last.get(name) for name in ("model", "temperature", "max_tokens", "seed")}
    assert told == {"model": "other", "temperature": 1, "max_tokens": 5, "seed": 6}
    assert "max_completion_tokens" not in gate.provider.last
    await client.responses.create(extra_body={"prompt": {"id": "tuned"}})
    assert gate.provider.last["max_output_tokens"] == 9
    assert gate.provider.last["tools"] == [{"type": "function", "name": "find", "parameters": {"type": "object"}}]
    assert gate.provider.last["text"]["format"]["schema"] == settings.response_schema


async def test_placeholders_take_messages_and_the_callers_own_come_last(gate: Gate) -> None:
    parts = (ChatMessage(ChatRole.SYSTEM, "Be {{mood}}."), MessagesPlaceholder("history"))
    await create_prompt(gate.deps, LOCAL_ACCESS, PromptDraft("chatty", VersionDraft(ChatTemplate(parts))))
    history = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    fields = {"prompt_id": "chatty", "prompt_variables": {"mood": "kind", "history": history}}
    await gate.openai().chat.completions.create(model="m", messages=HI, extra_body=fields)
    assert gate.provider.last["messages"] == [{"role": "system", "content": "Be kind."}, *history, *HI]


async def test_a_call_without_a_prompt_is_passed_on_as_it_is(gate: Gate) -> None:
    body = {"model": "m", "messages": HI, "temperature": 0.5, "logit_bias": {"5": 1}, "unheard_of": [None, {"a": 1.0}]}
    status, answer, headers = await gate.post("/v1/chat/completions", body)
    assert (status, answer["object"]) == (200, "chat.completion")
    assert gate.provider.last == body
    assert "x-promptgraph-prompt" not in headers


@pytest.mark.parametrize("base", ["", "/v1"])
async def test_a_slash_at_the_end_of_a_path_makes_no_difference(gate: Gate, base: str) -> None:
    status, answer, _ = await gate.post(f"{base}/chat/completions/", {"model": "m", "messages": HI})
    assert (status, answer["object"]) == (200, "chat.completion")
    async with gate.session.get(f"{base}/models/") as response:
        assert {model["id"] for model in (await response.json())["data"]} == {"m", "ours", "promptgraph"}


async def test_models_are_the_provider_s_and_ours(gate: Gate) -> None:
    client = gate.openai()
    assert {model.id async for model in client.models.list()} == {"m", "ours", "promptgraph"}
    assert (await client.models.retrieve("ours")).owned_by == "promptgraph"
    with pytest.raises(openai.NotFoundError) as caught:
        await client.models.retrieve("org/none")
    assert caught.value.code == "model_not_found"


async def test_a_model_that_cannot_be_told_is_left_out(gate: Gate) -> None:
    gate.provider.lists = b'{"data": [{"id": "good"}, {"id": "\\ud83d"}, {"id": "m", "cost": NaN}, {"id": 5}]}'
    assert {model.id async for model in gate.openai().models.list()} == {"good", "ours", "promptgraph"}


@pytest.mark.parametrize("odd", [b"", b"[]", b'{"data": 5}', b'{"data": [5]}', b"[" * 100_000])
async def test_a_list_of_models_that_is_none_is_the_provider_s_fault(gate: Gate, odd: bytes) -> None:
    gate.provider.lists = odd
    with pytest.raises(openai.InternalServerError) as caught:
        await gate.openai().models.list()
    assert caught.value.status_code == 502


async def test_models_are_told_though_the_provider_lists_none(gate: Gate) -> None:
    gate.provider.lists = None
    assert {model.id async for model in gate.openai().models.list()} == {"ours", "promptgraph"}


async def test_an_answer_that_is_packed_unasked_is_unpacked(gate: Gate) -> None:
    gate.provider.compresses = True
    gate.provider.says = b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}'
    answer = await gate.openai().chat.completions.create(model="m", messages=HI, extra_body=BY_ADA)
    assert answer.choices[0].message.content == "Hi"
    gate.provider.says = b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\ndata: [DONE]\n\n'
    stream = await gate.openai().chat.completions.create(model="m", messages=HI, stream=True, extra_body=BY_ADA)
    assert [chunk.choices[0].delta.content async for chunk in stream] == ["Hi"]


async def test_the_blocking_client_works_too(gate: Gate) -> None:
    def ask() -> tuple[str | None, list[str]]:
        with openai.OpenAI(base_url=gate.url, api_key="none", max_retries=0, timeout=20) as client:
            whole = client.chat.completions.create(model="m", messages=HI, extra_body=BY_ADA)
            stream = client.chat.completions.create(model="m", messages=HI, stream=True, extra_body=BY_ADA)
            return whole.choices[0].message.content, [chunk.choices[0].delta.content or "" for chunk in stream]

    whole, streamed = await asyncio.to_thread(ask)
    assert whole == "".join(streamed) == "".join(WORDS)
