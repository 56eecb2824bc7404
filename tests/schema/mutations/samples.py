"""Input that several mutations take, good and bad: each bad one with the path of the field at fault."""

from typing import Any

import pytest

from graph.domain.limits import Limits

LIMITS = Limits()
SURROGATE = "half a pair: \ud83d"
BEYOND_INT64 = 2**63

SCRIPTS = (
    "Здравствуйте, こんにちは, 안녕하세요, 你好, שלום, مرحبا, नमस्ते, สวัสดี, Γειά σου, ሰላም, 👩🏽‍🚀🏳️‍🌈🇺🇳 e\u0301 "
    '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u202eright to left\u202c \u200b\ufeff\x00\t\r\n{ "json": [1, {}] } $set a.b \\{{ {{{ {% if %} ${x}'
)
ODD_METADATA: dict[str, Any] = {
    "$set": {"name": "gone"},
    "a.b": [1, 2.5, None, True, {"$inc": {"x.y": 1}}],
    "__proto__": {"constructor": {"prototype": "x"}},
    "$literal": "$name",
    "": "empty key",
    ".": ".",
    "$": "$$ROOT",
    "großes ß 🔑": SCRIPTS,
    "most": 2**63 - 1,
    "least": -(2**63),
    "z": 0,
    "a": "after z",
}


def bad(name: str, change: dict[str, Any], *path: str) -> Any:
    """One case: what to put into the input, and the path that the error must have below `input`."""
    return pytest.param(change, ["input", *path], id=name)


def _parts(count: int) -> list[dict[str, Any]]:
    return [{"message": {"role": "USER", "content": "x"}}] * count


def _many_variables(count: int) -> str:
    return "".join(f"{{{{v{number}}}}}" for number in range(count))


BAD_NAMES = [
    bad("empty name", {"name": ""}, "name"),
    bad("over-long name", {"name": "n" * (LIMITS.name + 1)}, "name"),
    bad("line break in a name", {"name": "a\nb"}, "name"),
    bad("NUL in a name", {"name": "a\0b"}, "name"),
    bad("C1 control in a name", {"name": "a\x85b"}, "name"),
    bad("line separator in a name", {"name": "a\u2028b"}, "name"),
    bad("leading slash", {"name": "/a"}, "name"),
    bad("trailing slash", {"name": "a/"}, "name"),
    bad("doubled slash", {"name": "a//b"}, "name"),
    bad("dot segment", {"name": "a/./b"}, "name"),
    bad("dots segment", {"name": "../b"}, "name"),
    bad("pipe in a name", {"name": "a|b"}, "name"),
    bad("space at a segment's end", {"name": "a /b"}, "name"),
    bad("lone surrogate in a name", {"name": SURROGATE}, "name"),
]

BAD_FACTS = [
    bad("empty title", {"title": ""}, "title"),
    bad("over-long title", {"title": "t" * (LIMITS.title + 1)}, "title"),
    bad("control in a title", {"title": "a\tb"}, "title"),
    bad("over-long description", {"description": "d" * (LIMITS.description + 1)}, "description"),
    bad("lone surrogate in a description", {"description": SURROGATE}, "description"),
    bad("empty category", {"category": ""}, "category"),
    bad("over-long category", {"category": "c" * (LIMITS.category + 1)}, "category"),
    bad("empty tag", {"tags": ["fine", ""]}, "tags", "1"),
    bad("over-long tag", {"tags": ["t" * (LIMITS.tag + 1)]}, "tags", "0"),
    bad("lone surrogate in a tag", {"tags": [SURROGATE]}, "tags", "0"),
    bad("too many tags", {"tags": [f"tag-{number}" for number in range(LIMITS.tags + 1)]}, "tags"),
    bad("over-long metadata", {"metadata": {"key": "x" * LIMITS.json_bytes}}, "metadata"),
    bad("NUL in a metadata key", {"metadata": {"deep": [{"a\0b": 1}]}}, "metadata"),
    bad("integer beyond 64 bits", {"metadata": {"number": BEYOND_INT64}}, "metadata"),
    bad("negative integer beyond 64 bits", {"metadata": {"number": -BEYOND_INT64 - 1}}, "metadata"),
    bad("number that is not finite", {"metadata": {"number": float("inf")}}, "metadata"),
    bad("lone surrogate in metadata", {"metadata": {"text": SURROGATE}}, "metadata"),
    bad("lone surrogate in a metadata key", {"metadata": {SURROGATE: 1}}, "metadata"),
]

BAD_VERSIONS = [
    bad("empty text", {"template": {"text": ""}}, "template", "text"),
    bad("over-long text", {"template": {"text": "x" * (LIMITS.template + 1)}}, "template", "text"),
    bad("lone surrogate in a text", {"template": {"text": SURROGATE}}, "template", "text"),
    bad("empty chat", {"template": {"chat": []}}, "template", "chat"),
    bad("too many parts", {"template": {"chat": _parts(LIMITS.parts + 1)}}, "template", "chat"),
    bad("300 variables", {"template": {"text": _many_variables(300)}}, "template", "text"),
    bad(
        "ill-named placeholder",
        {"template": {"chat": [{"placeholder": "not a name"}]}},
        *("template", "chat", "0", "placeholder"),
    ),
    bad(
        "lone surrogate in a message",
        {"template": {"chat": [{"message": {"role": "USER", "content": SURROGATE}}]}},
        *("template", "chat", "0", "message", "content"),
    ),
    bad("variable that is not used", {"variables": [{"name": "nobody"}]}, "variables", "0", "name"),
    bad(
        "variable declared twice",
        {"template": {"text": "{{x}}"}, "variables": [{"name": "x"}, {"name": "x"}]},
        *("variables", "1", "name"),
    ),
    bad(
        "default that is no JSON",
        {"template": {"text": "{{x}}"}, "variables": [{"name": "x", "defaultValue": "hello"}]},
        *("variables", "0", "defaultValue"),
    ),
    bad(
        "default of another type",
        {"template": {"text": "{{x}}"}, "variables": [{"name": "x", "type": "NUMBER", "defaultValue": '"5"'}]},
        *("variables", "0", "defaultValue"),
    ),
    bad(
        "system messages into a text",
        {"template": {"text": "{{x}}"}, "variables": [{"name": "x", "allowsSystemMessages": True}]},
        *("variables", "0", "allowsSystemMessages"),
    ),
    bad("over-long note", {"changeNote": "n" * (LIMITS.change_note + 1)}, "changeNote"),
    bad("negative temperature", {"modelSettings": {"temperature": -0.1}}, "modelSettings", "temperature"),
    bad("no output", {"modelSettings": {"maxOutputTokens": 0}}, "modelSettings", "maxOutputTokens"),
    bad(
        "integer beyond 64 bits in a tool",
        {"modelSettings": {"tools": [{"a": 1}, {"number": BEYOND_INT64}]}},
        *("modelSettings", "tools", "1"),
    ),
    bad("NUL in a schema's key", {"modelSettings": {"responseSchema": {"\0": 1}}}, "modelSettings", "responseSchema"),
]

MISSHAPEN_VERSIONS = [
    pytest.param(
        {"template": {"chat": [{"message": {"role": "WIZARD", "content": "x"}}]}}, "WIZARD", id="unknown role"
    ),
    pytest.param({"template": {}}, "xactly one", id="no template"),
    pytest.param({"template": {"text": "x", "chat": []}}, "xactly one", id="two templates"),
    pytest.param({"template": {"text": None}}, "text", id="a template of null"),
    pytest.param({"modelSettings": {"extra": [1]}}, "JSON object", id="settings that are a list"),
    pytest.param({"modelSettings": {"maxOutputTokens": 2**31}}, "32-bit", id="a token count beyond 32 bits"),
]

FORGED_IDS = [
    pytest.param("", id="an empty ID"),
    pytest.param("nonsense", id="nonsense"),
    pytest.param("64d2f1c2a7b3c4d5e6f70812", id="a bare key"),
    pytest.param("UHJvbXB0Og", id="an ID without a key"),
    pytest.param("UHJvbXB0OmFiYw==", id="an ID with padding"),
    pytest.param("VXNlcjpsb2NhbA", id="an ID of a user"),
    pytest.param("ÀÉ\ud83d", id="no base64"),
]
UNKNOWN_PROMPT = "UHJvbXB0Om5vYm9keQ"
"""Well-formed, of a prompt that is not there: `Prompt:nobody`."""
