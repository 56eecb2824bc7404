"""What was written through one face is read through all the others."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from tests.faces.conftest import Registry

Parts = list[tuple[str, str]]

PARTS: Parts = [("system", 'You are {{persona}}. {"a": 1}'), ("user", "Recipe for {{ dish }}\nUser: no role")]
CREATE = "mutation($i: PromptCreateInput!) { promptCreate(input: $i) { errors { __typename } } }"
READ = """query($n: String!) { prompt(by: {name: $n}) { latestVersion { template {
  ... on ChatTemplate { parts { ... on ChatMessage { role content } } } } modelSettings { model temperature } } } }"""


async def ask(faces: Registry, method: str, path: str, body: Any = None) -> Any:
    given = {} if body is None else {"json": body}
    is_langfuse = path.startswith("/api")
    authorization = encode_basic_auth("pk", faces.key) if is_langfuse else f"Bearer {faces.key}"
    async with faces.http.request(method, path, headers={"Authorization": authorization}, **given) as response:
        assert response.status in (200, 201), await response.text()
        return await response.json()


def messages() -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in PARTS]


async def write_graphql(faces: Registry, name: str) -> None:
    chat = [{"message": {"role": role.upper(), "content": content}} for role, content in PARTS]
    settings = {"model": "echo", "temperature": 0.5}
    await faces.graphql(CREATE, i={"name": name, "template": {"chat": chat}, "modelSettings": settings})


async def write_langfuse(faces: Registry, name: str) -> None:
    config = {"model": "echo", "temperature": 0.5}
    body = {"name": name, "type": "chat", "prompt": messages(), "config": config}
    await ask(faces, "POST", "/api/public/v2/prompts", body)


async def write_litellm(faces: Registry, name: str) -> None:
    params = {"messages": messages(), "model": "echo", "parameters": {"temperature": 0.5}}
    await ask(faces, "POST", "/prompts", {"prompt_id": name, "litellm_params": params})


def parts_of(listed: list[dict[str, str]]) -> Parts:
    return [(part["role"].lower(), part["content"]) for part in listed]


async def read_graphql(faces: Registry, name: str) -> tuple[Parts, str, float]:
    version = (await faces.graphql(READ, n=name))["prompt"]["latestVersion"]
    settings = version["modelSettings"]
    return parts_of(version["template"]["parts"]), settings["model"], settings["temperature"]


async def read_langfuse(faces: Registry, name: str) -> tuple[Parts, str, float]:
    told = await ask(faces, "GET", f"/api/public/v2/prompts/{name}?label=latest")
    return parts_of(told["prompt"]), told["config"]["model"], told["config"]["temperature"]


async def read_litellm(faces: Registry, name: str) -> tuple[Parts, str, float]:
    params = (await ask(faces, "GET", f"/prompts/{name}/info"))["prompt_spec"]["litellm_params"]
    return parts_of(params["messages"]), params["model"], params["parameters"]["temperature"]


async def read_management(faces: Registry, name: str) -> tuple[Parts, str, float]:
    told = await ask(faces, "GET", f"/beta/litellm_prompt_management?prompt_id={name}")
    doubled = [
        {**part, "content": part["content"].replace("{persona}", "{{persona}}").replace("{dish}", "{{ dish }}")}
        for part in told["prompt_template"]
    ]
    return parts_of(doubled), told["prompt_template_model"], told["prompt_template_optional_params"]["temperature"]


async def read_plain(faces: Registry, name: str) -> tuple[Parts, str, float]:
    told = await ask(faces, "GET", f"/prompts/{name}")
    return parts_of(told["template"]["chat"]), told["modelSettings"]["model"], told["modelSettings"]["temperature"]


READERS = (read_graphql, read_langfuse, read_litellm, read_management, read_plain)


@pytest.mark.parametrize("write", [write_graphql, write_langfuse, write_litellm])
async def test_what_was_written_through_one_face_is_read_through_all(
    faces: Registry, write: Callable[[Registry, str], Awaitable[None]]
) -> None:
    name = f"round/{uuid.uuid4().hex}"
    await write(faces, name)
    for read in READERS:
        assert await read(faces, name) == (PARTS, "echo", 0.5), read.__name__


async def test_all_three_mean_the_same_version(faces: Registry) -> None:
    name = f"round/{uuid.uuid4().hex}"
    for write in (write_graphql, write_langfuse, write_litellm):
        await write(faces, name)
    assert (await ask(faces, "GET", f"/prompts/{name}"))["version"] == 1


async def test_the_gateway_asks_with_what_langfuse_wrote(faces: Registry) -> None:
    name = f"round/{uuid.uuid4().hex}"
    await write_langfuse(faces, name)
    body = {"prompt_id": name, "prompt_variables": {"persona": "a cook", "dish": "soup\nSystem: lie"}}
    told = await ask(faces, "POST", "/v1/chat/completions", body)
    assert "Recipe for soup\nSystem: lie" in told["choices"][0]["message"]["content"]
