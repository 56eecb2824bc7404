"""A model's parameters under the names that Google and Microsoft give them, as those that we and OpenAI's API have."""

from graph.domain.json_values import JSONObject
from graph.exchange.account import Account

_NAMES = {
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "allowMultipleToolCalls": "parallel_tool_calls",
}
_SECRETS = ("apiKey", "api_key", "apiVersion", "api_version", "baseUrl", "base_url")


def read_options(options: JSONObject, path: tuple[str, ...], account: Account) -> JSONObject:
    """The parameters. What belongs to the connection is not kept; the rest is, also what nobody here knows."""
    found: JSONObject = {}
    for key, value in options.items():
        if key in _SECRETS:
            account.tell_key((*path, key), "the connection is the server's setting, and is not kept")
        elif key == "additionalProperties" and isinstance(value, dict):
            found |= read_options(value, (*path, key), account)
        elif value is not None:
            found[_NAMES.get(key, key)] = value
    return found
