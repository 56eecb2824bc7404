"""Answers of the responses endpoint name the prompt that was used, as OpenAI's own do.

The provider has seen no prompt, only messages, so its answer says that there was none. What a program reads back as
`response.prompt` is put in here; all else that the provider says is left.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.domain.json_values import JSONObject, compact_json
from graph.upstream.events import read_event, with_data


@dataclass(frozen=True, slots=True)
class PromptEcho:
    """What is told: the prompt's name, the number of its version as a text, and the values that were given."""

    name: str
    number: int
    variables: Mapping[str, Any]

    def in_body(self, body: bytes) -> bytes:
        """A whole answer with the prompt in it; what is no JSON that can be written again stays as it is."""
        try:
            return compact_json(self._put(json.loads(body))).encode()
        except (ValueError, RecursionError):
            return body

    def in_event(self, event: bytes) -> bytes:
        """An event, with the prompt where it tells the response as it is by then: at the beginning and at the end."""
        if b'"response"' not in event:
            return event
        told = read_event(event)
        if told is None or not isinstance(told.get("response"), dict):
            return event
        try:
            return with_data(event, compact_json({**told, "response": self._put(told["response"])}).encode())
        except (ValueError, RecursionError):
            return event

    def _put(self, response: Any) -> Any:
        prompt: JSONObject = {"id": self.name, "variables": dict(self.variables), "version": str(self.number)}
        return {**response, "prompt": prompt} if isinstance(response, dict) else response
