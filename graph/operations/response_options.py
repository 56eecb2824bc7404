"""A version's further settings, which are written for chats, in the words of the responses endpoint.

Both endpoints take much the same under other names. What has none there is sent as it is: the provider says so.
"""

from collections.abc import Mapping
from typing import Any

from graph.domain.json_values import JSONObject


def response_options(extra: Mapping[str, Any]) -> JSONObject:
    """The settings, with those that have another place there put into it."""
    options = dict(extra)
    if isinstance(effort := options.get("reasoning_effort"), str):
        del options["reasoning_effort"]
        options = merge_options({"reasoning": {"effort": effort}}, options)
    if isinstance(verbosity := options.get("verbosity"), str):
        del options["verbosity"]
        options = merge_options({"text": {"verbosity": verbosity}}, options)
    if isinstance(form := options.get("response_format"), dict):
        del options["response_format"]
        options = merge_options({"text": {"format": _flat(form, "json_schema")}}, options)
    if isinstance(choice := options.get("tool_choice"), dict):
        options["tool_choice"] = _flat(choice, "function")
    return options


def merge_options(own: Mapping[str, Any], given: Mapping[str, Any]) -> JSONObject:
    """Both, the given ones first. `text` and `reasoning` hold several options each, so they are merged within."""
    merged = dict(own)
    for name, value in given.items():
        ours = own.get(name)
        is_group = name in ("text", "reasoning") and isinstance(value, dict) and isinstance(ours, dict)
        merged[name] = {**ours, **value} if is_group and isinstance(ours, dict) else value
    return merged


def _flat(option: JSONObject, name: str) -> JSONObject:
    """A chat has the facts one level deeper, under their kind."""
    inner = option.get(name)
    if option.get("type") != name or not isinstance(inner, dict):
        return option
    return {"type": name, **inner}
