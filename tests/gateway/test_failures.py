"""What goes wrong, as OpenAI's client tells it: with its meaning, and without secrets."""

import asyncio
import json
from typing import Any

import openai
import pytest

from graph.domain.json_values import JSONObject
from tests.gateway.conftest import Gate
from tests.gateway.provider import KEY

HI: Any = [{"role": "user", "content": "hi"}]
PROMPT = "support/refund"
ADA = {"customer": "Ada"}


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"prompt_id": "nobody"}, 404, "prompt_not_found", "prompt_id"),
        ({"prompt_id": PROMPT, "prompt_version": 2}, 404, "prompt_version_not_found", "prompt_version"),
        ({"prompt_id": PROMPT, "prompt_version": 0}, 404, "prompt_version_not_found", "prompt_version"),
        ({"prompt_id": PROMPT, "prompt_label": "staging"}, 404, "prompt_version_not_found", "prompt_label"),
        ({"prompt_id": PROMPT, "prompt_label": "No Label"}, 404, "prompt_version_not_found", "prompt_label"),
        ({"prompt_id": PROMPT, "prompt_environment": "staging"}, 404, "prompt_version_not_found", "prompt_environment"),
        ({"prompt_id": f"{PROMPT}@1", "prompt_version": 2}, 400, "invalid_value", "prompt_version"),
        ({"prompt_id": PROMPT, "prompt_version": 1, "prompt_label": "latest"}, 400, "invalid_value", "prompt_label"),
        ({"prompt_id": PROMPT, "prompt_version": True}, 400, "invalid_value", "prompt_version"),
        ({"prompt_id": PROMPT, "prompt_version": "1.0"}, 400, "invalid_value", "prompt_version"),
        ({"prompt_id": PROMPT}, 400, "missing_variables", "prompt_variables"),
        (
            {"prompt_id": PROMPT, "prompt_variables": {"customer": 5}},
            400,
            "invalid_variable",
            "prompt_variables.customer",
        ),
        (
            {"prompt_id": PROMPT, "prompt_variables": ADA | {"amount": "1"}},
            400,
            "invalid_variable",
            "prompt_variables.amount",
        ),
        ({"prompt_id": PROMPT, "prompt_variables": [1]}, 400, "invalid_value", "prompt_variables"),
        ({"prompt_id": 5}, 400, "invalid_value", "prompt_id"),
        ({"prompt_version": 1}, 400, "invalid_value", "prompt_id"),
        ({"prompt_variables": {}}, 400, "invalid_value", "prompt_id"),
        ({"prompt_id": f"{PROMPT}@2"}, 404, "prompt_version_not_found", "prompt_id"),
        ({"prompt": {"id": f"{PROMPT}@staging"}}, 404, "prompt_version_not_found", "prompt.id"),
        ({"prompt": {"id": PROMPT}, "prompt_version": 2}, 404, "prompt_version_not_found", "prompt_version"),
        ({"prompt": "support/refund"}, 400, "invalid_value", "prompt"),
        ({"prompt": {}}, 400, "invalid_value", "prompt.id"),
        ({"prompt": {"id": None, "version": None}}, 400, "invalid_value", "prompt.id"),
        ({"prompt": {"id": "nobody"}}, 404, "prompt_not_found", "prompt.id"),
        ({"prompt": {"id": PROMPT, "version": "9"}}, 404, "prompt_version_not_found", "prompt.version"),
        ({"prompt": {"id": PROMPT, "label": "staging"}}, 404, "prompt_version_not_found", "prompt.label"),
        ({"prompt": {"id": PROMPT, "verson": "1"}}, 400, "invalid_value", "prompt.id"),
        ({"prompt": {"id": PROMPT}, "prompt_id": PROMPT}, 400, "invalid_value", "prompt.id"),
        ({"prompt": {"id": PROMPT, "variables": {}}}, 400, "missing_variables", "prompt.variables"),
        (
            {"prompt": {"id": PROMPT, "variables": {"customer": {"type": "input_image", "image_url": "x"}}}},
            400,
            "invalid_value",
            "prompt.variables",
        ),
    ],
)
async def test_a_prompt_that_cannot_be_used_is_an_error_and_no_call(
    gate: Gate, fields: JSONObject, status: int, code: str, param: str
) -> None:
    for ask in (
        gate.openai().chat.completions.create(model="m", messages=HI, extra_body=fields),
        gate.openai().responses.create(model="m", input="hi", extra_body=fields),
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            await ask
        error = caught.value
        assert (error.status_code, error.code, error.param) == (status, code, param)
    assert gate.provider.seen == []


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"messages": "hi", "prompt_id": "support/refund@1"}', b"null"])
async def test_a_body_that_is_no_call_is_told(gate: Gate, body: bytes) -> None:
    async with gate.session.post("/v1/chat/completions", data=body) as response:
        assert response.status == 400
        assert set((await response.json())["error"]) >= {"message", "type", "param", "code"}
    assert gate.provider.seen == []


async def test_a_model_that_is_no_text_is_told_as_such(gate: Gate) -> None:
    async with gate.session.post("/v1/chat/completions", json={"model": 5, "messages": []}) as response:
        assert (response.status, (await response.json())["error"]["message"]) == (400, "`model` must be a text.")


async def test_no_depth_of_a_body_is_our_fault(gate: Gate) -> None:
    """There is a depth that can be read and not be written again; where it lies depends on the stack."""
    told = set()
    for depth in range(900, 1_000):
        body = b'{"model": "m", "messages": [], "x": ' + b"[" * depth + b"]" * depth + b"}"
        async with gate.session.post("/v1/chat/completions", data=body) as response:
            told.add(response.status)
    assert told == {200, 400}


async def ask(gate: Gate, model: str, **more: Any) -> Any:
    fields = {"prompt_id": PROMPT, "prompt_variables": ADA}
    return await gate.openai().chat.completions.create(model=model, messages=HI, extra_body=fields, **more)


async def test_the_provider_s_errors_pass_with_their_meaning(gate: Gate) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await ask(gate, "unknown")
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as picky:
        await ask(gate, "picky")
    assert picky.value.param == "temperature"
    assert "sk-" not in picky.value.message
    assert gate.provider.last["model"] == "picky"  # another model would not like it better


async def test_a_limit_passes_with_its_retry_after(gate: Gate) -> None:
    with pytest.raises(openai.RateLimitError) as limited:
        await ask(gate, "down")  # whose fallback is at its limit
    assert [body["model"] for body in gate.provider.seen] == ["down", "limited"]
    assert limited.value.response.headers["retry-after"] == "7"
    assert limited.value.response.headers["x-promptgraph-version"] == "1"
    assert limited.value.code == "rate_limit_exceeded"


async def test_the_next_model_steps_in_for_one_that_cannot_answer(gate: Gate) -> None:
    answer = await ask(gate, "limited")
    assert [body["model"] for body in gate.provider.seen] == ["limited", "down", "m"]
    assert answer.model == "m"
    stream = await ask(gate, "limited", stream=True)
    assert len([chunk async for chunk in stream]) == 5


@pytest.mark.parametrize(("model", "status"), [("locked", 502), ("moved", 502)])
async def test_our_key_and_where_it_goes_are_nobody_s_business(gate: Gate, model: str, status: int) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(gate, model)
    assert caught.value.status_code == status
    assert KEY not in json.dumps(caught.value.body)
    assert "127.0.0.1" not in json.dumps(caught.value.body)


async def test_a_page_of_html_is_not_passed_on(gate: Gate) -> None:
    status, answer, headers = await gate.post("/v1/chat/completions", {"model": "page", "messages": HI})
    assert (status, headers["Retry-After"]) == (503, "3")
    assert "nginx" not in json.dumps(answer)


@pytest.mark.parametrize("page", [b"<html>Welcome to nginx</html>", b"", b"[]"])
async def test_a_success_that_is_no_json_is_none(gate: Gate, page: bytes) -> None:
    gate.provider.says = page
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(gate, "m")
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_no_answer")
    assert "nginx" not in caught.value.message


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ({"message": "Slow down.", "code": 429}, 429, "429"),
        ({"message": "Overloaded.", "code": "overloaded"}, 502, "overloaded"),
        ({"message": "Key sk-proj-0therSecret", "code": 401}, 502, "upstream_refuses_key"),
        ("Overloaded.", 502, "upstream_error"),
    ],
)
async def test_a_success_that_tells_of_an_error_is_that_error(gate: Gate, error: Any, status: int, code: str) -> None:
    gate.provider.says = json.dumps({"error": error}).encode()
    with pytest.raises(openai.APIStatusError) as caught:
        await ask(gate, "m")
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert "Secret" not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "run"),
    [
        ('{"choices": []}', None),
        ('{"choices": [{"message": {"content": null, "tool_calls": 5}}], "model": {"id": "m"}}', ("", [], None, 0)),
        (
            '{"choices": [{"message": {"content": [{"text": "a\\ud83d"}], "tool_calls": [{"a": "\\udc00"}]}}],'
            '"model": "m", "usage": {"prompt_tokens": 4294967296}}',
            ("a\ufffd", [{"a": "\ufffd"}], "m", 0),
        ),
    ],
)
async def test_an_odd_answer_is_read_or_told_over_graphql(gate: Gate, answer: str, run: Any) -> None:
    gate.provider.says = answer.encode()
    query = (
        'mutation { promptRun(input: {source: {draft: {template: {text: "Hi"}}}}) {'
        " run { text toolCalls model inputTokens } errors { __typename } } }"
    )
    _, told, _ = await gate.post("/graphql", {"query": query})
    if run is None:
        assert told["data"]["promptRun"] == {"run": None, "errors": [{"__typename": "UpstreamError"}]}
    else:
        assert tuple(told["data"]["promptRun"]["run"].values()) == run


async def test_a_provider_that_is_silent_for_too_long_is_a_timeout(gate: Gate) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(gate, "hangs")
    assert (caught.value.status_code, caught.value.code) == (504, "upstream_timeout")
    stream = await ask(gate, "pauses", stream=True)
    with pytest.raises(openai.APIError) as silent:
        [chunk async for chunk in stream]
    assert silent.value.code == "upstream_timeout"


async def test_a_provider_that_is_away_is_told(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.deps.provider, "_url", "http://127.0.0.1:1/api")  # there is nobody
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(gate, "m")
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_down")


async def test_a_stream_that_breaks_off_ends_in_an_error(gate: Gate) -> None:
    stream = await ask(gate, "breaks", stream=True)
    first = [(await anext(aiter(stream))).choices[0].delta.content for _ in range(2)]
    assert first == ["", "Hello "]
    with pytest.raises(openai.APIError) as caught:
        [chunk async for chunk in stream]
    assert caught.value.code == "upstream_cut_off"


@pytest.mark.parametrize("streams", [True, False])
async def test_a_caller_who_leaves_ends_the_call(gate: Gate, streams: bool) -> None:
    body = {"model": "pauses" if streams else "hangs", "messages": HI, "stream": streams}
    asking = asyncio.create_task(gate.session.post("/v1/chat/completions", json=body))
    await asyncio.wait_for(gate.provider.is_asked.wait(), 15)
    if streams:
        response = await asking
        await response.content.readany()
        response.close()
    else:
        asking.cancel()
    await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)


async def test_a_caller_who_stays_and_takes_nothing_holds_the_provider_for_a_while_only(gate: Gate) -> None:
    body = {"model": "floods", "messages": HI, "stream": True}
    async with gate.session.post("/v1/chat/completions", json=body):
        await asyncio.wait_for(gate.provider.is_cancelled.wait(), 15)


async def test_a_key_that_looks_like_ours_and_is_unknown_is_refused(gate: Gate) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await gate.openai(api_key="pg_unknown").chat.completions.create(model="m", messages=HI)
    assert caught.value.code == "invalid_api_key"
    assert gate.provider.seen == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("POST", "/v1/embeddings", {}, 404, "unknown_url"),
        ("GET", "/v1/responses/resp_1", {}, 404, "unknown_url"),
        ("GET", "/v1", {}, 404, "unknown_url"),
        ("GET", "/v1/chat/completions", {}, 405, "method_not_allowed"),
        ("PUT", "/responses", {}, 405, "method_not_allowed"),
        ("POST", "/v1/chat/completions", {"Origin": "https://other.example"}, 403, "foreign_origin"),
        ("POST", "/v1/chat/completions", {"Host": "other.example"}, 421, "foreign_host"),
        ("POST", "/v1/chat/completions", {"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
    ],
)
async def test_what_never_reaches_the_gateway_is_told_in_its_shape_too(
    gate: Gate, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    async with gate.session.request(method, path, json={"model": "m", "messages": HI}, headers=headers) as response:
        error = (await response.json())["error"]
        assert (response.status, error["code"]) == (status, code)
        assert set(error) == {"message", "type", "param", "code"}
        assert ("Allow" in response.headers) is (status == 405)
    assert gate.provider.seen == []


async def test_elsewhere_refusals_are_as_ever(gate: Gate) -> None:
    async with gate.session.get("/nowhere") as response:
        assert (await response.json())["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
