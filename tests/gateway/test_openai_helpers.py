"""The helpers of OpenAI's client: streams that add up, schemas, tools; and calls with all that they take."""

import json
from typing import Any

import openai
from pydantic import BaseModel

from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import ModelSettings, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt
from tests.gateway.conftest import Gate
from tests.gateway.provider import WORDS

BY_ADA = {"prompt_id": "support/refund", "prompt_variables": {"customer": "Ada"}}
HI: Any = [{"role": "user", "content": "hi"}]
SYSTEM = {"role": "system", "content": "Dear Ada,"}


class Refund(BaseModel):
    """What is asked for."""

    amount: int


def says(message: dict[str, Any]) -> bytes:
    """A chat completion with this message."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
    facts = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps({**facts, "choices": [choice]}).encode()


async def test_a_stream_adds_up(gate: Gate) -> None:
    options: Any = {"include_usage": True}
    helper = gate.openai().chat.completions.stream(model="m", messages=HI, stream_options=options, extra_body=BY_ADA)
    async with helper as stream:
        words = [event.delta async for event in stream if event.type == "content.delta"]
        whole = await stream.get_final_completion()
    assert words == ["", *WORDS]
    assert whole.choices[0].message.content == "".join(WORDS)
    assert whole.usage
    assert whole.usage.total_tokens == 14


async def test_a_stream_of_a_response_adds_up_and_names_its_prompt(gate: Gate) -> None:
    prompt: Any = {"id": "support/refund", "variables": {"customer": "Ada"}}
    async with gate.openai().responses.stream(model="m", input="hi", prompt=prompt) as stream:
        words = [event.delta async for event in stream if event.type == "response.output_text.delta"]
        whole = await stream.get_final_response()
    assert words == list(WORDS)
    assert whole.output_text == "".join(WORDS)
    assert whole.prompt
    assert whole.prompt.to_dict() == {**prompt, "version": "1"}


async def test_an_answer_comes_in_the_caller_s_schema(gate: Gate) -> None:
    gate.provider.says = says({"content": '{"amount": 5}'})
    answer = await gate.openai().chat.completions.parse(
        model="m", messages=HI, response_format=Refund, extra_body=BY_ADA
    )
    assert answer.choices[0].message.parsed == Refund(amount=5)
    asked = gate.provider.last["response_format"]["json_schema"]
    assert (asked["name"], asked["schema"]["required"]) == ("Refund", ["amount"])


async def test_an_answer_comes_in_the_version_s_schema(gate: Gate, name: str) -> None:
    settings = ModelSettings(model="m", response_schema=Refund.model_json_schema())
    await create_prompt(gate.deps, LOCAL_ACCESS, PromptDraft(name, VersionDraft(TextTemplate("Hi"), (), settings)))
    gate.provider.says = says({"content": '{"amount": 5}'})
    answer = await gate.openai().chat.completions.create(model="", messages=[], extra_body={"prompt_id": name})
    assert Refund.model_validate_json(answer.choices[0].message.content or "") == Refund(amount=5)
    assert gate.provider.last["response_format"]["json_schema"]["schema"] == Refund.model_json_schema()


async def test_tools_are_called_and_answered(gate: Gate) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "Refund", "arguments": '{"amount": 5}'}}
    gate.provider.says = says({"content": None, "tool_calls": [call]})
    tools = [openai.pydantic_function_tool(Refund)]
    parse = gate.openai().chat.completions.parse
    answer = await parse(model="m", messages=HI, tools=tools, extra_body=BY_ADA)
    calls = answer.choices[0].message.tool_calls
    assert calls
    assert calls[0].function.parsed_arguments == Refund(amount=5)
    assert gate.provider.last["tools"][0]["function"]["name"] == "Refund"
    told: Any = [*HI, answer.choices[0].message, {"role": "tool", "tool_call_id": "c1", "content": "done"}]
    await parse(model="m", messages=told, tools=tools, extra_body=BY_ADA)
    system, user, assistant, tool = gate.provider.last["messages"]
    assert (system, user, tool) == (SYSTEM, *HI, told[-1])
    assert assistant["tool_calls"][0]["id"] == "c1"


async def test_all_that_a_call_takes_is_passed_on(gate: Gate) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
    messages: Any = [{"role": "user", "name": "ada", "content": [{"type": "text", "text": "Look"}, picture]}]
    more: Any = {"n": 2, "logprobs": True, "top_logprobs": 3, "stop": ["."], "metadata": {"a": "b"}, "user": "ü"}
    await gate.openai().chat.completions.create(model="m", messages=messages, **more, extra_body=BY_ADA)
    assert gate.provider.last == {"model": "m", **more, "messages": [SYSTEM, *messages]}
