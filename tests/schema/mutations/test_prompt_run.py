"""promptRun: what is saved, what is not, and what is refused. Without a provider it is `echo` that answers."""

from typing import Any

import pytest

from tests.schema.conftest import Api

RUN = """run {
  text toolCalls model finishReason inputTokens outputTokens milliseconds unusedVariables renderId version { number }
}"""
ADA = {"customer": "Ada"}
SAVED = {"source": {"saved": {"prompt": {"name": "support/refund-reply"}}}}
CHAT = [{"message": {"role": "SYSTEM", "content": "Be {{mood}}."}}, {"placeholder": "history"}]


async def test_a_saved_version_is_run_and_recorded(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Hello {{customer}}")
    version = {"id": prompt["latestVersion"]["id"]}
    for by, text in (({"number": 2}, "Hello Ada"), (version, "Dear Ada,")):
        source = {"saved": {"prompt": {"name": "support/refund-reply"}, "version": by}}
        payload = await api.change("promptRun", {"source": source, "variables": ADA}, RUN)
        run = payload["run"]
        assert (run["text"], run["model"], run["finishReason"], run["toolCalls"]) == (text, "echo", "stop", [])
        assert (run["inputTokens"], run["outputTokens"]) == (2, 2)
        assert run["renderId"].startswith("rnd_")
        assert run["unusedVariables"] == []
    await api.deps.store.renders.flush()
    usage = "usage(by: HOUR) { renderings runs outcomes { outcome count } inputTokens averageMilliseconds }"
    read = await api.query(f"query($id: ID!) {{ prompt(by: {{id: $id}}) {{ latestVersion {{ {usage} }} }} }}", prompt)
    (bucket,) = read["prompt"]["latestVersion"]["usage"]
    assert bucket.pop("averageMilliseconds") >= 0
    outcomes = [{"outcome": "DONE", "count": 1}]
    assert bucket == {"renderings": 1, "runs": 1, "outcomes": outcomes, "inputTokens": 2.0}


async def test_a_draft_is_run_with_messages_and_leaves_nothing(api: Api) -> None:
    draft = {"template": {"chat": CHAT}, "modelSettings": {"model": "any", "temperature": 0.5}}
    values = {"mood": "kind", "other": 1, "history": [{"role": "user", "content": "one"}]}
    input = {
        "source": {"draft": draft},
        "variables": values,
        "messages": [{"role": "USER", "content": "two words"}],
        "modelSettings": {"model": "other", "extra": {"seed": 1}},
    }
    before = await api.records.snapshot()
    run = (await api.change("promptRun", input, RUN))["run"]
    assert (run["text"], run["inputTokens"], run["renderId"], run["version"]) == ("two words", 5, None, None)
    assert run["unusedVariables"] == ["other"]
    await api.deps.store.renders.flush()
    assert await api.records.snapshot() == before


@pytest.mark.parametrize(
    ("input", "kind", "path"),
    [
        ({"source": {"saved": {"prompt": {"name": "nobody"}}}}, "NotFoundError", ["input", "prompt"]),
        ({"source": {"draft": {"template": {"text": "{{x}}"}}}}, "MissingVariablesError", ["input", "variables"]),
        (
            {"source": {"draft": {"template": {"text": "{{x}}"}}}, "variables": {"x": 1}},
            "InvalidVariableError",
            ["input", "variables", "x"],
        ),
        (
            {"source": {"draft": {"template": {"chat": []}}}},
            "InvalidInputError",
            ["input", "source", "draft", "template", "chat"],
        ),
    ],
)
async def test_what_cannot_be_run_is_told(untouched: Api, input: dict[str, Any], kind: str, path: list[str]) -> None:
    error = await untouched.refuse("promptRun", input, RUN)
    assert (error["__typename"], error["path"]) == (kind, path)
