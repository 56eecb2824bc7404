"""What the middlewares refuse is told in OpenAI's shape on the gateway's paths."""

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from graph.domain.denials import RateLimitedError
from graph.http.errors import refusal, refuse
from graph.http.openai_refusals import speak_openai


def told(path: str, response: web.Response) -> tuple[web.StreamResponse, dict[str, object]]:
    answer = speak_openai(make_mocked_request("POST", path), response)
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    return answer, json.loads(answer.body)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/responses", "/models/", "/v1/anything"])
def test_too_many_requests_keep_their_wait(path: str) -> None:
    answer, body = told(path, refuse(RateLimitedError(7)))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert body["error"] == {
        "message": RateLimitedError(7).message,
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }


def test_a_fault_of_ours_keeps_its_id() -> None:
    _, body = told("/v1/models", refusal(500, "m", {"code": "INTERNAL", "errorId": "e1"}))
    assert body["error"] == {
        "message": "m",
        "type": "server_error",
        "param": None,
        "code": "internal",
        "error_id": "e1",
    }


@pytest.mark.parametrize("path", ["/graphql", "/prompts/models", "/v1x", "/modelsx"])
def test_other_paths_keep_their_shape(path: str) -> None:
    response = refuse(RateLimitedError(7))
    assert told(path, response)[0] is response


def test_what_has_its_shape_already_stays() -> None:
    response = web.json_response({"error": {"message": "m"}}, status=400)
    assert told("/v1/models", response)[0] is response
