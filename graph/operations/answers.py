"""What a provider's chat completion says, read as far as it can be: providers leave out and put in what they like."""

import json
from dataclasses import dataclass
from typing import Any

from graph.domain.json_values import JSONObject, json_fault, mend_text
from graph.domain.outages import UpstreamError

_DEEPEST_CALL = 64


@dataclass(frozen=True, slots=True)
class Said:
    """The first choice of an answer. `tool_calls` are in the shape of OpenAI's chat API."""

    text: str
    tool_calls: tuple[JSONObject, ...]
    model: str | None
    finish_reason: str | None


def read_answer(body: bytes) -> Said:
    """The answer in a body. Raises UpstreamError when there is none."""
    answer = _read_json(body)
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _no_answer("it has no message")
    return Said(
        text=_read_text(message.get("content")) or _text_or_none(message.get("refusal")) or "",
        tool_calls=_read_tool_calls(message.get("tool_calls")),
        model=_text_or_none(answer.get("model")),
        finish_reason=_text_or_none(choice.get("finish_reason")),
    )


def _read_json(body: bytes) -> JSONObject:
    try:
        answer = json.loads(body)
        if b"\\u" in body:
            answer = json.loads(mend_text(json.dumps(answer, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise _no_answer("it is no JSON") from error
    if not isinstance(answer, dict):
        raise _no_answer("it is no JSON object")
    return answer


def _read_text(content: object) -> str:
    """A text, or the texts of its parts."""
    if isinstance(content, list):
        return "".join(map(_read_part, content))
    return content if isinstance(content, str) else ""


def _read_part(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _read_tool_calls(calls: object) -> tuple[JSONObject, ...]:
    told = tuple(one for one in calls if isinstance(one, dict)) if isinstance(calls, list) else ()
    if fault := json_fault(told, _DEEPEST_CALL):
        raise _no_answer(f"a tool call {fault}")
    return told


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _no_answer(why: str) -> UpstreamError:
    message = f"The model's provider gave an answer that is none: {why}."
    return UpstreamError(message, 502, reason="upstream_no_answer")
