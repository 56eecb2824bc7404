"""A prompt that includes another one says the same through every face."""

import uuid
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from tests.faces.conftest import Registry

CREATE = """mutation($i: PromptCreateInput!) {
  promptCreate(input: $i) { prompt { id } errors { __typename ... on UserError { message path } } } }"""
RENDER = """mutation($i: PromptRenderInput!) { promptRender(input: $i) {
  rendering { content { ... on RenderedText { text } } brokenReferences { message } }
  errors { __typename ... on UserError { message } } } }"""
READ = """query($n: String!) { prompt(by: {name: $n}) { latestVersion {
  variables { name } template { ... on TextTemplate { text } }
  references { selector part line prompt { name } version { number } }
} } }"""


async def ask(faces: Registry, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    given = {} if body is None else {"json": body}
    authorization = encode_basic_auth("pk", faces.key) if path.startswith("/api") else f"Bearer {faces.key}"
    async with faces.http.request(method, path, headers={"Authorization": authorization}, **given) as response:
        return response.status, await response.json()


async def create(faces: Registry, name: str, text: str) -> dict[str, Any]:
    made: dict[str, Any] = (await faces.graphql(CREATE, i={"name": name, "template": {"text": text}}))["promptCreate"]
    return made


@pytest.fixture
async def names(faces: Registry) -> tuple[str, str]:
    """A letter, and the policy that it includes."""
    folder = uuid.uuid4().hex
    policy, letter = f"{folder}/policy", f"{folder}/letter"
    assert (await create(faces, policy, "Be kind to {{who}}."))["errors"] == []
    assert (await create(faces, letter, f"Hello {{{{who}}}}!\n{{{{> {policy} }}}}"))["errors"] == []
    return letter, policy


async def test_every_face_puts_it_in(faces: Registry, names: tuple[str, str]) -> None:
    letter, policy = names
    expected = "Hello Ada!\nBe kind to Ada."
    done = await faces.graphql(RENDER, i={"prompt": {"name": letter}, "variables": {"who": "Ada"}})
    assert done["promptRender"]["rendering"] == {"content": {"text": expected}, "brokenReferences": []}
    body = {"prompt_id": letter, "prompt_variables": {"who": "Ada"}}
    status, told = await ask(faces, "POST", "/v1/chat/completions", body)
    assert status == 200, told
    assert expected in told["choices"][0]["message"]["content"]
    _, told = await ask(faces, "GET", f"/beta/litellm_prompt_management?prompt_id={letter}")
    assert told["prompt_template"] == [{"role": "system", "content": "Hello {who}!\nBe kind to {who}."}]
    _, told = await ask(faces, "GET", f"/api/public/v2/prompts/{letter}?label=latest")
    assert told["prompt"] == "Hello {{who}}!\nBe kind to {{who}}."
    (children,) = told["resolutionGraph"]["dependencies"].values()
    assert [(child["name"], child["version"]) for child in children] == [(policy, 1)]
    _, told = await ask(faces, "GET", f"/prompts/{letter}")
    assert told["template"] == {"text": "Hello {{who}}!\nBe kind to {{who}}."}
    _, told = await ask(faces, "GET", f"/prompts/{letter}?resolve=false")
    assert told["template"] == {"text": f"Hello {{{{who}}}}!\n{{{{> {policy} }}}}"}


async def test_langfuse_reads_and_writes_its_own_notation(faces: Registry, names: tuple[str, str]) -> None:
    letter, policy = names
    _, told = await ask(faces, "GET", f"/api/public/v2/prompts/{letter}?label=latest&resolve=false")
    assert told["prompt"] == f"Hello {{{{who}}}}!\n@@@langfusePrompt:name={policy}|label=latest@@@"
    assert told["resolutionGraph"] is None
    text = f"A\\ {{@@@langfusePrompt:name={policy}|version=1@@@}} @@@langfusePrompt:odd@@@"
    name = f"{letter}-2"
    status, told = await ask(faces, "POST", "/api/public/v2/prompts", {"name": name, "prompt": text})
    assert (status, told["prompt"]) == (201, text)
    _, told = await ask(faces, "GET", f"/api/public/v2/prompts/{name}?version=1")
    assert told["prompt"] == "A\\ {Be kind to {{who}}.} @@@langfusePrompt:odd@@@"
    seen = (await faces.graphql(READ, n=name))["prompt"]["latestVersion"]
    assert seen["template"]["text"] == f"A\\ {{{{{{> {policy}@1}}}}}} @@@langfusePrompt:odd@@@"
    for wrong in (
        f"{policy}|version=9",
        f"{policy}|version=x",
        f"{policy}|label=none",
        "{|label=a",
    ):
        body = {"name": name, "prompt": f"@@@langfusePrompt:name={wrong}@@@"}
        assert (await ask(faces, "POST", "/api/public/v2/prompts", body))[0] == 400


async def test_graphql_tells_what_is_included_and_refuses_what_cannot_be(
    faces: Registry, names: tuple[str, str]
) -> None:
    letter, policy = names
    seen = (await faces.graphql(READ, n=letter))["prompt"]["latestVersion"]
    assert seen["references"] == [
        {"selector": policy, "part": None, "line": 2, "prompt": {"name": policy}, "version": {"number": 1}}
    ]
    assert seen["variables"] == [{"name": "who"}]
    by = "query($n: String!) { prompt(by: {name: $n}) { referencedBy(first: 5) { totalCount nodes { name } } } }"
    told = (await faces.graphql(by, n=policy))["prompt"]["referencedBy"]
    assert told == {"totalCount": 1, "nodes": [{"name": letter}]}
    status, error = await ask(faces, "DELETE", f"/api/public/v2/prompts/{policy}")
    assert (status, error["code"]) == (409, "STILL_INCLUDED")
    refused = await create(faces, f"{letter}-3", "{{> nothing/here}}")
    assert refused["errors"][0]["__typename"] == "InvalidInputError"
    assert refused["errors"][0]["path"] == ["input", "template", "text"]
