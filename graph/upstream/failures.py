"""What went wrong at the provider, told with its meaning and without its secrets."""

import json
import re
from collections.abc import Mapping
from typing import Any

from graph.domain.outages import UpstreamError
from graph.upstream.keys import without_keys

LONGEST_MESSAGE = 2_000
LONGEST_WORD = 200
_MOMENT = re.compile(r"[A-Za-z0-9 ,:+.-]{1,40}")  # seconds, or a date


def not_reached() -> UpstreamError:
    """No connection was made."""
    return UpstreamError("The model's provider cannot be reached. Try again in a moment.", 502, reason="upstream_down")


def timed_out() -> UpstreamError:
    """The provider was silent for too long."""
    return UpstreamError("The model's provider did not answer in time.", 504, reason="upstream_timeout")


def cut_off() -> UpstreamError:
    """The connection ended within the answer."""
    return UpstreamError("The model's provider broke off its answer.", 502, reason="upstream_cut_off")


def too_long(most: int) -> UpstreamError:
    """More than we keep in memory."""
    return UpstreamError(f"The answer of the model's provider has more than {most:,} bytes.", 502, reason="too_long")


def no_json() -> UpstreamError:
    """A success that is no answer: a page of a proxy's, or of another server than was meant."""
    return UpstreamError(
        "The model's provider answered with something else than JSON. Tell whoever runs the server: its "
        "PROMPTGRAPH_UPSTREAM_URL may be another's, or lack its /v1.",
        502,
        reason="upstream_no_answer",
    )


def of_status(status: int) -> UpstreamError:
    """An answer that says nothing in OpenAI's shape."""
    return UpstreamError(f"The model's provider answered with status {status}.", status, reason="upstream_error")


def of_answer(status: int, headers: Mapping[str, str], body: bytes, key: str | None) -> UpstreamError:
    """An answer that is no success. 401 and 403 are about our key, not the caller's, and are told as 502."""
    if status in (401, 403, 407):
        return UpstreamError(
            "The model's provider refuses this server's key. Tell whoever runs the server.",
            502,
            reason="upstream_refuses_key",
        )
    if not 400 <= status <= 599:
        return of_status(502)
    retry_after = _MOMENT.fullmatch(headers.get("Retry-After", ""))
    told = _read(body)
    if told is None:
        plain = of_status(status)
        plain.retry_after = retry_after and retry_after[0]
        return plain
    return UpstreamError(
        without_keys(told.get("message") or of_status(status).message, key)[:LONGEST_MESSAGE],
        status,
        kind=_word(told.get("type"), key) or "upstream_error",
        reason=_word(told.get("code"), key),
        param=_word(told.get("param"), key),
        retry_after=retry_after and retry_after[0],
    )


def of_success(told: Mapping[str, Any], body: bytes) -> UpstreamError | None:
    """The failure that a success tells of, if it does: some providers say 200 and put the status into the body."""
    error = told.get("error")
    if not error or "choices" in told or "output" in told:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    return of_answer(code if isinstance(code, int) and 400 <= code <= 599 else 502, {}, body, None)


def _read(body: bytes) -> dict[str, Any] | None:
    """The `error` of OpenAI's shape; None for anything else, which may hold what is nobody's business."""
    try:
        told = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return told if isinstance(told, dict) and isinstance(told.get("message"), str) else None


def _word(value: object, key: str | None) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return without_keys(value, key)[:LONGEST_WORD] if isinstance(value, str) else None
