"""Takes secrets out of what is logged, wherever they stand: in texts by their form, in fields by their names."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"
SHORTEST = 8

_SECRET_NAME = re.compile(r"passw(?:or)?d|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
_SECRETS = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?:[^\s/?#@\"']+|[^\s/@:\"']*:[^\s@\"']+)@"
    r"|(?P<method>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{6,}=*"
    r"|(?P<prefix>\b(?:pg_|sk-|whsec_|gh[pousr]_|xox[abp]-))[A-Za-z0-9_+/=-]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?P<name>\b(?:password|passwd|secret|token|api_?-?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}\]]+",
    re.IGNORECASE,
)
# What none of the forms can do without: most texts have none of it, and are let through at once.
_PERHAPS = re.compile(r"://|[_-][A-Za-z0-9_+/=-]{12}|bearer|basic|eyJ|passw|secret|token|api_?-?key", re.IGNORECASE)


def redact_text(text: str) -> str:
    """The text without keys, bearer tokens and the passwords of URLs; what kind of secret stood there can be seen."""
    return _SECRETS.sub(_cover, text) if len(text) >= SHORTEST and _PERHAPS.search(text) else text


def _cover(match: re.Match[str]) -> str:
    kept = match["scheme"] or match["method"] or match["prefix"] or match["name"] or ""
    return kept + REDACTED + ("@" if match["scheme"] else "")


def redact(value: Any) -> Any:
    """The value without secrets: texts, and mappings and lists of them. Other objects become their redacted texts."""
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _redact_field(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    return redact_text(str(value))


def _redact_field(name: object, value: Any) -> Any:
    if value and not isinstance(value, bool | int | float) and _is_secret_name(str(name)):
        return REDACTED
    return redact(value)


@lru_cache(maxsize=1_000)
def _is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None
