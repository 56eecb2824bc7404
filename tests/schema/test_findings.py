"""`PromptVersion.findings` and `Rendering.redactions`, as a client reads them."""

from dataclasses import replace

import pytest

from graph.domain.findings import Reaction, Reactions
from tests.checks.tokens import GITHUB
from tests.schema.conftest import Api

FINDINGS = "findings { kind rule severity path part line column length }"
FOUND = {
    "kind": "SECRET",
    "rule": "github-token",
    "severity": "HIGH",
    "path": ["template", "text"],
    "part": None,
    "line": 1,
    "column": 5,
    "length": 40,
}


async def test_a_version_tells_its_findings(api: Api) -> None:
    prompt = await api.create(template={"text": f"Key {GITHUB}"})
    data = await api.query(
        "query ($id: ID!) { prompt(by: {id: $id}) { latestVersion { " + FINDINGS + " } } }", {"id": prompt["id"]}
    )
    assert data["prompt"]["latestVersion"]["findings"] == [FOUND]


@pytest.mark.parametrize(("reaction", "redactions"), [(Reaction.REDACT, 1), (Reaction.WARN, 0)])
async def test_a_preview_tells_what_it_covers_and_a_rendering_covers_nothing(
    api: Api, reaction: Reaction, redactions: int
) -> None:
    prompt = await api.create(template={"text": f"Key {GITHUB}"})
    strict = replace(api, deps=replace(api.deps, reactions=Reactions(secret=reaction)))
    content = "content { ... on RenderedText { text } } redactions { rule }"
    data = await strict.query(
        "query ($id: ID!) { prompt(by: {id: $id}) { latestVersion { preview { " + content + " } } } }",
        {"id": prompt["id"]},
    )
    preview = data["prompt"]["latestVersion"]["preview"]
    assert preview["redactions"] == [{"rule": "github-token"}] * redactions
    assert (GITHUB in preview["content"]["text"]) == (not redactions)
    done = await strict.change("promptRender", {"prompt": {"id": prompt["id"]}}, "rendering { " + content + " }")
    assert done["rendering"] == {"content": {"text": f"Key {GITHUB}"}, "redactions": []}


async def test_what_is_refused_is_an_invalid_input_with_its_path(api: Api) -> None:
    strict = replace(api, deps=replace(api.deps, reactions=Reactions(secret=Reaction.REFUSE)))
    template = {"text": f"Key {GITHUB}"}
    error = await strict.refuse("promptCreate", {"name": "a", "template": template}, "prompt { id }")
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "template", "text"])
    assert "line 1, column 5" in error["message"]
