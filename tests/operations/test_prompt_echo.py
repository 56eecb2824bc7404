"""A response names its prompt, and says else what the provider says."""

import json

import pytest

from graph.operations.prompt_echo import PromptEcho

ECHO = PromptEcho("a/b", 2, {"n": 1})
TOLD = {"id": "a/b", "variables": {"n": 1}, "version": "2"}


def test_a_body_has_it_in_place_of_none() -> None:
    body = b'{"object": "response", "prompt": null, "text": "\xc3\xa4", "top_p": 1.0, "n": 36893488147419103232}'
    told = json.loads(ECHO.in_body(body))
    assert told == {**json.loads(body), "prompt": TOLD}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 100_000])
def test_what_cannot_be_written_again_stays(body: bytes) -> None:
    assert ECHO.in_body(body) == body
    assert ECHO.in_event(b'data: {"response": ' + body + b"}\n\n") == b'data: {"response": ' + body + b"}\n\n"


def test_events_that_tell_the_response_have_it_and_others_stay() -> None:
    told = ECHO.in_event(b'event: response.created\r\ndata: {"type": "response.created", "response": {}}\r\n\r\n')
    assert told.startswith(b"event: response.created\r\ndata: {")
    assert told.endswith(b"}\r\n\r\n")
    assert json.loads(told.split(b"data: ")[1])["response"] == {"prompt": TOLD}
    for event in (b'data: {"type": "x",  "delta": "\\"response\\""}\n\n', b": ping\n\n", b'data: {"response": 5}\n\n'):
        assert ECHO.in_event(event) == event
