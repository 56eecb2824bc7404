"""Reads off a run what it took: time, tokens, and when the first token came."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from graph.domain.json_values import JSONObject, read_loosely
from graph.domain.runs import Figures, Outcome, Tokens
from graph.upstream.events import read_event

# What a stream tells between its words; most of its events say of both that there is none.
_TOLD = re.compile(rb'"(?:usage|error)"\s*+:\s*+(?!null)|"type"\s*:\s*"error"')

_LAST = ("response.completed", "response.incomplete")
_LONGEST_DONE = 32


class Meter:
    """One run's. It is started by being made."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._started = clock()
        self._first_token: datetime | None = None
        self._tokens = Tokens()
        self._has_failed = False
        self._is_whole = False

    def see_body(self, body: bytes) -> JSONObject | None:
        """Reads a whole answer; None when it is no JSON object."""
        try:
            answer = read_loosely(body)
        except ValueError:
            return None
        self._take(answer)
        return answer if isinstance(answer, dict) else None

    def see_event(self, event: bytes) -> bool:
        """Reads one event of a stream. True when it tells the usage and nothing else."""
        if len(event) <= _LONGEST_DONE and b"[DONE]" in event:
            self._is_whole = True
            return False
        is_first = self._first_token is None and b'"delta"' in event
        if not is_first and not _tells(event):
            return False
        told = read_event(event)
        if told is None:
            return False
        if is_first and _has_token(told):
            self._first_token = self._clock()
        self._is_whole = self._is_whole or told.get("type") in _LAST
        has_usage = self._take(told.get("response", told))
        return has_usage and told.get("choices") == []

    def outcome(self, otherwise: Outcome) -> Outcome:
        """How the run ended. What comes after its last event changes nothing: many clients hang up on hearing that."""
        if self._has_failed and otherwise in (Outcome.DONE, Outcome.CANCELLED):
            return Outcome.FAILED
        return Outcome.DONE if self._is_whole else otherwise

    def read(self) -> Figures:
        """What was read so far."""
        first = self._since(self._first_token) if self._first_token else None
        return Figures(self._started, self._since(self._clock()), first, self._tokens)

    def _take(self, answer: Any) -> bool:
        if not isinstance(answer, dict):
            return False
        if answer.get("error") or answer.get("type") == "error":
            self._has_failed = True
        usage = answer.get("usage")
        if not isinstance(usage, dict):
            return False
        self._tokens = Tokens(
            _count(usage.get("prompt_tokens", usage.get("input_tokens"))),
            _count(usage.get("completion_tokens", usage.get("output_tokens"))),
        )
        return True

    def _since(self, at: datetime) -> int:
        """Whole milliseconds; a clock that was set back makes no negative ones."""
        return max(0, round((at - self._started).total_seconds() * 1000))


def _tells(event: bytes) -> bool:
    """Looking for a word costs a tenth of looking for a pattern, and most events have neither word."""
    return (b'"usage"' in event or b'"error"' in event) and _TOLD.search(event) is not None


def _has_token(told: Mapping[str, Any]) -> bool:
    """Both endpoints begin with events that say only that they begin: a role, and nothing that it says."""
    choices = told.get("choices")
    if not isinstance(choices, list):
        return bool(told.get("delta"))
    deltas = [choice.get("delta") for choice in choices if isinstance(choice, dict)]
    return any(value and name != "role" for delta in deltas if isinstance(delta, dict) for name, value in delta.items())


def _count(value: object) -> int:
    """Providers count with fractions too; what is no count, or beyond a GraphQL Int, counts for nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**31:
        return 0
    return int(value)
