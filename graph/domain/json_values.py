"""JSON as callers give it: what may be in it, and its one canonical text."""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

JSONObject = dict[str, Any]

_HALVES = re.compile("[\ud800-\udfff]")

MOST_BRACKETS = 500  # far fewer levels than Python's own recursion bears

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1


# `json.dumps` would make an encoder for each call, which takes longer than a short text itself.
_write_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_write_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical_json(value: Any) -> str:
    """The text that equal values share: sorted keys, no spaces, no escapes but the necessary ones."""
    return _write_canonical(value)


def compact_json(value: Any) -> str:
    """As `canonical_json`, in the order in which the keys came."""
    return _write_compact(value)


def read_quickly(text: bytes) -> Any:
    """JSON to the letter, in an eighth of the time of `json.loads`; integers beyond 64 bits come as floats.

    Raises ValueError, also for what has so many brackets that it may be nested too deeply: read that in another way.
    """
    if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
        raise ValueError("it has too many brackets to be read quickly")
    return orjson.loads(text)


def read_loosely(text: bytes) -> Any:
    """As `json.loads`: with NaN and Infinity too, which some programs write. Raises ValueError."""
    with suppress(ValueError):
        return read_quickly(text)
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write_json(value: Any) -> bytes:
    """As `compact_json`, in UTF-8 and a fifth of its time; numbers may be written in another of their ways.

    Raises RecursionError for what is nested too deeply.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return compact_json(value).encode()


def same_json(one: Any, other: Any) -> bool:
    """True when both are the same text: 1, 1.0 and true are three values, and keys have an order."""
    return compact_json(one) == compact_json(other)


def json_fault(value: Any, max_depth: int) -> str | None:
    """Why `value` cannot be kept and given back unchanged, as half a sentence; None when it can.

    Walks without recursion, so that no input can exhaust the stack.
    """
    if isinstance(value, str):
        return text_fault(value)
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if depth > max_depth:
            return f"is nested deeper than {max_depth} levels"
        if isinstance(item, Mapping):
            for key in item:
                if fault := _key_fault(key):
                    return fault
            pending.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, list | tuple):
            pending.extend((child, depth + 1) for child in item)
        elif fault := _leaf_fault(item):
            return fault
    return None


def _key_fault(key: Any) -> str | None:
    if not isinstance(key, str):
        return "has a key that is not a string"
    if "\0" in key:
        return "has a key with a NUL character"
    return text_fault(key)


def _leaf_fault(value: Any) -> str | None:
    if isinstance(value, str):
        return text_fault(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if INT64_MIN <= value <= INT64_MAX else "has an integer beyond 64 bits: give it as a string"
    if isinstance(value, float):
        return None if math.isfinite(value) else "has a number that is not finite"
    return f"has a value of type {type(value).__name__}, which is not JSON"


def text_fault(text: str) -> str | None:
    """Why `text` is no Unicode text: it holds half of a surrogate pair, which UTF-8 cannot carry."""
    if text.isascii():
        return None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "has a lone surrogate, which is no character: send well-formed Unicode"
    return None


def mend_text(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair: for what others say, which cannot be refused."""
    return _HALVES.sub("\ufffd", text)
