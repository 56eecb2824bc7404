"""LiteLLM's calls as they are on the wire, and the paths that it shares with plain JSON."""

import uuid
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from graph.domain.actors import Grant, Scope
from graph.domain.prompts import VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.publishing import publish
from tests.faces.conftest import Registry

MANAGEMENT = "/beta/litellm_prompt_management"
FILE = "---\nmodel: gpt-4o\ntemperature: 0.5\n---\nSystem: You are {{persona}}.\n\nUser: Hello\nthere"


class LiteLLM:
    """A caller with one key."""

    def __init__(self, http: ClientSession, key: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}"}

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """Status and JSON."""
        given = {} if body is None else {"json": body}
        async with self._http.request(method, path, params=query, headers=self._headers, **given) as response:
            return response.status, await response.json()

    async def ok(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        status, told = await self(method, path, body, **query)
        assert status == 200, told
        return told


@pytest.fixture
def ask(faces: Registry) -> LiteLLM:
    return LiteLLM(faces.http, faces.key)


@pytest.fixture
def name() -> str:
    return f"llm/{uuid.uuid4().hex}"


def body(name: str, content: str = FILE, environment: str | None = None) -> dict[str, Any]:
    params = {"prompt_id": name, "prompt_integration": "dotprompt", "dotprompt_content": content}
    return {
        "prompt_id": name,
        "litellm_params": params,
        "prompt_info": {"prompt_type": "db", "environment": environment},
    }


async def test_a_prompt_is_made_and_told_in_litellms_words(ask: LiteLLM, name: str) -> None:
    spec = await ask.ok("POST", "/prompts", body(name))
    assert (spec["prompt_id"], spec["version"], spec["environment"]) == (f"{name}.v1", 1, "development")
    info = await ask.ok("GET", f"/prompts/{name}/info")
    assert info["prompt_spec"]["prompt_id"] == name
    assert info["prompt_spec"]["litellm_params"]["dotprompt_content"] == FILE
    assert info["raw_prompt_template"] == {
        "litellm_prompt_id": name,
        "content": "System: You are {{persona}}.\n\nUser: Hello\nthere",
        "metadata": {"model": "gpt-4o", "temperature": 0.5},
    }
    assert info["environments"] == ["development"]


async def test_what_litellm_writes_the_other_faces_read(ask: LiteLLM, faces: Registry, name: str) -> None:
    await ask.ok("POST", "/prompts", body(name))
    read = """query($n: String!) { prompt(by: {name: $n}) { latestVersion { modelSettings { model temperature }
      template { ... on ChatTemplate { parts { ... on ChatMessage { role content } } } } } } }"""
    version = (await faces.graphql(read, n=name))["prompt"]["latestVersion"]
    assert version["modelSettings"] == {"model": "gpt-4o", "temperature": 0.5}
    assert version["template"]["parts"] == [
        {"role": "SYSTEM", "content": "You are {{persona}}."},
        {"role": "USER", "content": "Hello\nthere"},
    ]
    served = await ask.ok("GET", MANAGEMENT, prompt_id=name)
    assert served["prompt_template"][0] == {"role": "system", "content": "You are {persona}."}


async def test_post_put_and_patch_append_and_equal_content_does_not(ask: LiteLLM, name: str) -> None:
    calls = [
        ("POST", "/prompts", body(name, "User: 1")),
        ("POST", "/prompts", body(f"{name}.v1", "User: 2")),
        ("PUT", f"/prompts/{name}", body(name, "User: 3")),
        ("PUT", f"/prompts/{name}@1", body(name, "User: 3")),
        ("PATCH", f"/prompts/{name}", {"litellm_params": {"dotprompt_content": "User: 4"}}),
    ]
    assert [(await ask.ok(*call))["version"] for call in calls] == [1, 2, 3, 3, 4]
    versions = await ask.ok("GET", f"/prompts/{name}/versions")
    assert [spec["version"] for spec in versions["prompts"]] == [4, 3, 2, 1]
    assert versions["prompts"][3]["litellm_params"]["dotprompt_content"] == "User: 1"
    second = await ask.ok("GET", f"/prompts/{name}/versions", page="2", page_size="3")
    assert ([spec["version"] for spec in second["prompts"]], second["total_count"]) == ([1], 4)


async def test_what_was_answered_can_be_sent_back_and_two_texts_that_differ_cannot(ask: LiteLLM, name: str) -> None:
    spec = await ask.ok("POST", "/prompts", body(name))
    assert (await ask.ok("PUT", f"/prompts/{name}", spec))["version"] == 1
    spec["litellm_params"]["dotprompt_content"] += "!"
    status, told = await ask("PUT", f"/prompts/{name}", spec)
    assert (status, "say different things" in told["detail"]) == (400, True)
    del spec["litellm_params"]["messages"]
    assert (await ask.ok("PUT", f"/prompts/{name}", spec))["version"] == 2


async def test_environments_are_labels(ask: LiteLLM, name: str) -> None:
    await ask.ok("POST", "/prompts", body(name, "User: 1", "staging"))
    await ask.ok("POST", "/prompts", body(name, "User: 2"))
    staged = await ask.ok("GET", f"/prompts/{name}/info", environment="staging")
    assert (staged["prompt_spec"]["version"], staged["prompt_spec"]["environment"]) == (1, "staging")
    assert staged["environments"] == ["development", "staging"]
    assert (await ask.ok("GET", f"/prompts/{name}/info", environment="development"))["prompt_spec"]["version"] == 2
    moved = await ask.ok("PATCH", f"/prompts/{name}", {"prompt_info": {"environment": "staging"}})
    assert (moved["version"], moved["environment"]) == (2, "staging")
    assert [
        spec["version"] for spec in (await ask.ok("GET", f"/prompts/{name}/versions", environment="staging"))["prompts"]
    ] == [2]
    await ask.ok("DELETE", f"/prompts/{name}", environment="staging")
    assert (await ask("GET", f"/prompts/{name}/info", environment="staging"))[0] == 404
    assert (await ask("GET", f"/prompts/{name}/versions", environment="staging"))[0] == 404


async def test_the_list_has_a_line_for_each_environment(ask: LiteLLM, name: str) -> None:
    label = f"env{uuid.uuid4().hex[:8]}"
    await ask.ok("POST", "/prompts", body(name, "User: 1", label))
    await ask.ok("POST", "/prompts", body(name, "User: 2"))
    [line] = (await ask.ok("GET", "/prompts/list", environment=label))["prompts"]
    assert (line["prompt_id"], line["version"], line["environment"]) == (name, 1, label)
    listed = await ask.ok("GET", "/prompts/list", page_size="100")
    lines = [(line["version"], line["environment"]) for line in listed["prompts"] if line["prompt_id"] == name]
    assert lines == [(2, "development"), (1, label)]


async def test_a_version_is_named_in_every_way(ask: LiteLLM, name: str) -> None:
    for text in ("User: 1", "User: 2"):
        await ask.ok("POST", "/prompts", body(name, text))
    for selector in ("@1", ".v1"):
        assert (await ask.ok("GET", f"/prompts/{name}{selector}/info"))["prompt_spec"]["version"] == 1
        assert (await ask.ok("GET", MANAGEMENT, prompt_id=name + selector))["prompt_template"][0]["content"] == "1"
    assert (await ask.ok("GET", MANAGEMENT, prompt_id=name, prompt_version="v1"))["prompt_template"][0][
        "content"
    ] == "1"
    for query, status in (
        ({"prompt_id": f"{name}@3"}, 404),
        ({"prompt_id": f"{name}.v3"}, 404),
        ({"prompt_id": f"{name}@1", "version": "2"}, 400),
        ({"prompt_id": name, "version": "1", "label": "production"}, 400),
        ({"prompt_id": name, "version": "!"}, 400),
        ({}, 400),
    ):
        assert (await ask("GET", MANAGEMENT, **query))[0] == status, query


async def test_an_exact_name_comes_before_litellms_version_and_its_paths(
    ask: LiteLLM, faces: Registry, name: str
) -> None:
    for ending in ("", ".v1", "/info", "/versions"):
        await publish(faces.deps, LOCAL_ACCESS, name + ending, VersionDraft(TextTemplate(f"this is {ending}")))
    assert (await ask.ok("GET", MANAGEMENT, prompt_id=f"{name}.v1"))["prompt_template"][0]["content"] == "this is .v1"
    for ending in ("/info", "/versions"):
        assert (await ask.ok("GET", f"/prompts/{name}{ending}"))["template"] == {"text": f"this is {ending}"}
    assert (await ask.ok("GET", f"/prompts/{name}"))["template"] == {"text": "this is "}


async def test_no_prompt_can_take_the_list_away(ask: LiteLLM, faces: Registry) -> None:
    await publish(faces.deps, LOCAL_ACCESS, "list", VersionDraft(TextTemplate("a prompt")))
    assert "prompts" in await ask.ok("GET", "/prompts/list")
    assert (await ask.ok("GET", "/prompts/list@latest"))["template"] == {"text": "a prompt"}


async def test_what_a_prompt_file_cannot_say_is_told_and_taken_as_messages(
    ask: LiteLLM, faces: Registry, name: str
) -> None:
    parts = (ChatMessage(ChatRole.USER, "a\nUser: b {{x}}"), MessagesPlaceholder("history"))
    await publish(faces.deps, LOCAL_ACCESS, name, VersionDraft(ChatTemplate(parts)))
    info = await ask.ok("GET", f"/prompts/{name}/info")
    params = info["prompt_spec"]["litellm_params"]
    assert (info["raw_prompt_template"], params["dotprompt_content"]) == (None, None)
    assert params["messages"] == [
        {"role": "user", "content": "a\nUser: b {{x}}"},
        {"type": "placeholder", "name": "history"},
    ]
    again = {"litellm_params": {"messages": params["messages"], "parameters": params["parameters"]}}
    assert (await ask.ok("PUT", f"/prompts/{name}", again))["version"] == 1


async def test_deleting_takes_the_whole_prompt_or_nothing(ask: LiteLLM, name: str) -> None:
    await ask.ok("POST", "/prompts", body(name))
    for selector in (".v1", ".v9", "@1", "@9", "@production", "@sha256:0123"):
        assert (await ask("DELETE", f"/prompts/{name}{selector}"))[0] == 400
        assert (await ask.ok("GET", f"/prompts/{name}{selector}/versions"))["total_count"] == 1
    assert (await ask("DELETE", f"/prompts/{name}", environment="development"))[0] == 400
    told = await ask.ok("DELETE", f"/prompts/{name}")
    assert told == {"message": f"Prompt {name} deleted successfully"}
    for method, path in (("GET", "/info"), ("GET", "/versions"), ("DELETE", ""), ("PUT", "")):
        status, told = await ask(method, f"/prompts/{name}{path}", body(name) if method == "PUT" else None)
        assert status == 404
        assert isinstance(told["detail"], str)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"dotprompt_content": "x", "prompt_data": {"content": "x"}},
        {"dotprompt_content": "{% if x %}"},
        {"prompt_data": {"a": {"content": "x"}, "b": {"content": "y"}}},
        {"prompt_data": {}},
        {"prompt_integration": "langfuse", "dotprompt_content": "x"},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": 3},
    ],
)
async def test_what_cannot_be_kept_is_refused(ask: LiteLLM, name: str, params: dict[str, Any]) -> None:
    status, told = await ask("POST", "/prompts", {"prompt_id": name, "litellm_params": params})
    assert (status, told["code"]) == (400, "BAD_USER_INPUT")


async def test_prompt_data_comes_flat_or_keyed(ask: LiteLLM, name: str) -> None:
    flat = {"content": "User: {{x}}", "metadata": {"model": "m"}}
    for data in (flat, {name: flat}, {"other": flat}):
        spec = await ask.ok("POST", "/prompts", {"prompt_id": name, "litellm_params": {"prompt_data": data}})
        assert (spec["version"], spec["litellm_params"]["model"]) == (1, "m")


async def test_rights_are_those_of_the_key(faces: Registry, ask: LiteLLM, name: str) -> None:
    await ask.ok("POST", "/prompts", body(name))
    reader = LiteLLM(faces.http, await faces.make_key([Scope.PROMPTS_READ], (Grant("llm"),)))
    assert (await reader("GET", f"/prompts/{name}/info"))[0] == 200
    assert (await reader("POST", "/prompts", body(name)))[0] == 403
    assert (await reader("PATCH", f"/prompts/{name}", {"prompt_info": {"environment": "blue"}}))[0] == 403
    elsewhere = LiteLLM(faces.http, await faces.make_key([Scope.PROMPTS_READ], (Grant("other"),)))
    for path in (f"/prompts/{name}/info", f"/prompts/{name}/versions"):
        assert (await elsewhere("GET", path))[0] == 404
    assert (await elsewhere("GET", MANAGEMENT, prompt_id=name))[0] == 404
    assert (await elsewhere("GET", "/prompts/list"))[1]["prompts"] == []
    assert (await LiteLLM(faces.http, "sk-1234")("GET", "/prompts/list"))[0] == 401


async def test_a_prompt_file_is_taken_apart(faces: Registry) -> None:
    async def convert(filename: str, data: bytes) -> tuple[int, Any]:
        form = FormData()
        form.add_field("file", data, filename=filename)
        headers = {"Authorization": f"Bearer {faces.key}"}
        async with faces.http.post("/utils/dotprompt_json_converter", data=form, headers=headers) as response:
            return response.status, await response.json()

    status, told = await convert("hello.prompt", b"---\nmodel: m\n---\nUser: hi\n")
    assert (status, told) == (
        200,
        {"prompt_id": "hello", "json_data": {"content": "User: hi", "metadata": {"model": "m"}}},
    )
    assert (await convert("hello.txt", b"x"))[0] == 400
    assert (await convert("hello.prompt", b"\xff"))[0] == 400
    assert (await convert("hello.prompt", b"x" * 1_100_000))[0] == 413
