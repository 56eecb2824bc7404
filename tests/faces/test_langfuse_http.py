"""Langfuse's calls as they are on the wire: rights, faults and odd requests."""

import asyncio
import uuid
from typing import Any

import pytest
from aiohttp import ClientSession, encode_basic_auth
from yarl import URL

from graph.domain.actors import Grant, Scope
from graph.domain.prompts import PromptByName
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import archive_prompt, get_prompt
from tests.faces.conftest import Registry

PROMPTS = "/api/public/v2/prompts"


def pair(secret: str) -> dict[str, str]:
    """The header of a pair of keys, of which only the secret one says anything."""
    return {"Authorization": encode_basic_auth("pk-lf-anything", secret)}


class Langfuse:
    """A caller with one key."""

    def __init__(self, http: ClientSession, key: str | None) -> None:
        self._http = http
        self._headers = pair(key) if key else {}

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """Status and JSON."""
        given = {} if body is None else {"json": body}
        async with self._http.request(method, path, params=query, headers=self._headers, **given) as response:
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
def ask(faces: Registry) -> Langfuse:
    return Langfuse(faces.http, faces.key)


@pytest.fixture
def name() -> str:
    return f"wire/{uuid.uuid4().hex}"


async def test_slashes_come_encoded_or_plain(ask: Langfuse, faces: Registry, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["production"]})
    assert (await ask("GET", f"{PROMPTS}/{name}"))[0] == 200
    encoded = f"{faces.url}{PROMPTS}/{name.replace('/', '%2f')}"
    async with faces.http.get(URL(encoded, encoded=True), headers=pair(faces.key)) as response:
        assert (await response.json())["name"] == name


async def test_equal_content_is_no_new_version_and_a_new_one_moves_latest(ask: Langfuse, name: str) -> None:
    body = {"name": name, "prompt": "x {{a}}", "labels": ["blue"]}
    assert [(await ask("POST", PROMPTS, body))[1]["version"] for _ in range(2)] == [1, 1]
    second = (await ask("POST", PROMPTS, {**body, "prompt": "y {{a}}"}))[1]
    assert (second["version"], second["labels"]) == (2, ["blue", "latest"])
    assert (await ask("GET", f"{PROMPTS}/{name}", version="1"))[1]["labels"] == []


async def test_writers_at_once_each_get_a_version_of_their_own(ask: Langfuse, name: str) -> None:
    answers = await asyncio.gather(*[ask("POST", PROMPTS, {"name": name, "prompt": f"{n}"}) for n in range(8)])
    assert sorted(body["version"] for _, body in answers) == list(range(1, 9))


async def test_types_and_defaults_given_elsewhere_survive_an_edit_here(
    ask: Langfuse, faces: Registry, name: str
) -> None:
    await faces.graphql(
        "mutation($i: PromptCreateInput!) { promptCreate(input: $i) { errors { __typename } } }",
        i={
            "name": name,
            "template": {"text": "{{n}} {{gone}}"},
            "variables": [{"name": "n", "type": "NUMBER", "defaultValue": "5"}],
        },
    )
    await ask("POST", PROMPTS, {"name": name, "prompt": "more {{n}}"})
    read = "query($n: String!) { prompt(by: {name: $n}) { latestVersion { variables { name type defaultValue } } } }"
    assert (await faces.graphql(read, n=name))["prompt"]["latestVersion"]["variables"] == [
        {"name": "n", "type": "NUMBER", "defaultValue": "5"}
    ]


async def test_a_text_stays_a_text(ask: Langfuse, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    status, body = await ask(
        "POST", PROMPTS, {"name": name, "type": "chat", "prompt": [{"role": "user", "content": "x"}]}
    )
    assert (status, body["error"]) == (400, "InvalidRequestError")


async def test_who_holds_the_answer_already_is_told_so(ask: Langfuse, faces: Registry, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["production"]})
    async with faces.http.get(f"{PROMPTS}/{name}", headers=pair(faces.key)) as response:
        tag = response.headers["ETag"]
    async with faces.http.get(f"{PROMPTS}/{name}", headers={**pair(faces.key), "If-None-Match": tag}) as response:
        assert response.status == 304


async def test_without_a_selector_it_is_production_or_nothing(ask: Langfuse, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    status, body = await ask("GET", f"{PROMPTS}/{name}")
    unknown = f"Prompt not found: '{name}' with label 'production'"
    assert (status, body["message"]) == (404, f"{unknown}, which is meant where no label or version is named")
    status, body = await ask("GET", f"{PROMPTS}/{name}", label="production")
    assert (status, body["message"]) == (404, unknown)
    await ask("PATCH", f"{PROMPTS}/{name}/versions/1", {"newLabels": ["production"]})
    await ask("POST", PROMPTS, {"name": name, "prompt": "y"})
    assert (await ask("GET", f"{PROMPTS}/{name}"))[1]["version"] == 1


async def test_one_version_cannot_be_deleted(ask: Langfuse, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    assert (await ask("DELETE", f"{PROMPTS}/{name}", version="1"))[0] == 400
    assert (await ask("GET", f"{PROMPTS}/{name}", label="latest"))[0] == 200
    assert (await ask("DELETE", f"{PROMPTS}/{name}"))[0] == 204
    assert (await ask("DELETE", f"{PROMPTS}/{name}"))[0] == 404


async def test_an_archived_prompt_is_read_and_not_changed(ask: Langfuse, faces: Registry, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["production"]})
    prompt = await get_prompt(faces.deps, LOCAL_ACCESS, PromptByName(name))
    assert prompt
    await archive_prompt(faces.deps, LOCAL_ACCESS, prompt.id)
    assert (await ask("GET", f"{PROMPTS}/{name}"))[0] == 200
    assert (await ask("POST", PROMPTS, {"name": name, "prompt": "y"}))[0] == 409
    assert (await ask("PATCH", f"{PROMPTS}/{name}/versions/1", {"newLabels": ["a"]}))[0] == 409


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"version": "1", "label": "production"}, 400),
        ({"version": "0"}, 400),
        ({"version": "x"}, 400),
        ({"resolve": "maybe"}, 400),
        ({"version": "2"}, 404),
        ({"label": "none"}, 404),
        ({"label": "A B"}, 404),
    ],
)
async def test_a_selector_that_answers_to_nothing(ask: Langfuse, name: str, query: dict[str, str], status: int) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["production"]})
    answer, body = await ask("GET", f"{PROMPTS}/{name}", **query)
    assert answer == status
    assert body["error"] == {400: "InvalidRequestError", 404: "LangfuseNotFoundError"}[status]


@pytest.mark.parametrize(
    ("labels", "status"), [(["latest"], 400), (["v7"], 400), (["Blue"], 400), ([], 200), (["a", "b"], 200)]
)
async def test_labels_are_set_all_or_refused_all(ask: Langfuse, name: str, labels: list[str], status: int) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    answer, body = await ask("PATCH", f"{PROMPTS}/{name}/versions/1", {"newLabels": labels})
    assert answer == status
    assert status != 200 or body["labels"] == [*labels, "latest"]
    assert (await ask("PATCH", f"{PROMPTS}/{name}/versions/2", {"newLabels": labels}))[0] in (400, 404)


async def test_a_label_that_is_none_is_told_by_the_field_that_it_was_sent_in(ask: Langfuse, name: str) -> None:
    _, created = await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["good", "No Label"]})
    assert created["message"].startswith("labels.1: ")
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    for labels, path in ((["good", "No Label"], "newLabels.1"), ([f"l{number}" for number in range(51)], "newLabels")):
        _, moved = await ask("PATCH", f"{PROMPTS}/{name}/versions/1", {"newLabels": labels})
        assert moved["message"].startswith(f"{path}: ")


@pytest.mark.parametrize("number", ["0", "x", "-1", "0" * 17 + "1" + "9" * 30, "0" * 17 + "1" + "9" * 5_000, "²"])
async def test_a_version_that_is_no_number_is_refused(ask: Langfuse, name: str, number: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    assert (await ask("PATCH", f"{PROMPTS}/{name}/versions/{number}", {"newLabels": ["blue"]}))[0] == 400


async def test_a_prompt_with_a_protected_label_is_deleted_by_those_who_may_move_it(
    faces: Registry, ask: Langfuse, name: str
) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x", "labels": ["production"]})
    writer = Langfuse(faces.http, await faces.make_key([Scope.PROMPTS_READ, Scope.PROMPTS_WRITE, Scope.LABELS_WRITE]))
    status, body = await writer("DELETE", f"{PROMPTS}/{name}")
    assert (status, body["code"]) == (403, "LABEL_PROTECTED")
    assert (await writer("GET", f"{PROMPTS}/{name}"))[0] == 200
    assert (await ask("DELETE", f"{PROMPTS}/{name}"))[0] == 204


async def test_rights_are_those_of_the_key(faces: Registry, ask: Langfuse, name: str) -> None:
    await ask("POST", PROMPTS, {"name": name, "prompt": "x"})
    reader = Langfuse(faces.http, await faces.make_key([Scope.PROMPTS_READ], (Grant("wire"),)))
    assert (await reader("GET", f"{PROMPTS}/{name}", label="latest"))[0] == 200
    assert (await reader("POST", PROMPTS, {"name": name, "prompt": "y"}))[0] == 403
    assert (await reader("DELETE", f"{PROMPTS}/{name}"))[0] == 403
    elsewhere = Langfuse(faces.http, await faces.make_key([Scope.PROMPTS_READ], (Grant("other"),)))
    assert (await elsewhere("GET", f"{PROMPTS}/{name}", label="latest"))[0] == 404
    assert (await elsewhere("GET", PROMPTS))[1]["data"] == []
    writer = [Scope.PROMPTS_READ, Scope.PROMPTS_WRITE, Scope.LABELS_WRITE]
    unprotected = Langfuse(faces.http, await faces.make_key(writer))
    status, body = await unprotected("POST", PROMPTS, {"name": name, "prompt": "z", "labels": ["production"]})
    assert (status, body["error"]) == (403, "ForbiddenError")
    assert (await ask("GET", f"{PROMPTS}/{name}", label="latest"))[1]["version"] == 1
    assert (await unprotected("PATCH", f"{PROMPTS}/{name}/versions/1", {"newLabels": ["blue"]}))[0] == 200


async def test_a_key_that_is_none_of_ours_is_refused(faces: Registry) -> None:
    for key in (None, "sk-lf-1", "pg_unknown", "not a key"):
        for path in (PROMPTS, f"{PROMPTS}/x", "/api/public/projects"):
            status, body = await Langfuse(faces.http, key)("GET", path)
            assert (status, body["error"]) == (401, "UnauthorizedError")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"name": "a", "prompt": "\\ud800"}', b"null", b'{"name":"a|b","prompt":"x"}']
)
async def test_a_body_that_is_none_is_refused(faces: Registry, body: bytes) -> None:
    headers = {"Content-Type": "application/json", **pair(faces.key)}
    async with faces.http.post(PROMPTS, data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "InvalidRequestError"


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"prompt": ""}, "prompt: "),
        ({"type": "chat", "prompt": []}, "prompt: "),
        ({"type": "chat", "prompt": [{"type": "placeholder", "name": "a b"}]}, "prompt.0.name: "),
        (
            {"type": "chat", "prompt": [{"type": "placeholder", "name": "h"}, {"role": "user", "content": "{{h}}"}]},
            "prompt.1.content: ",
        ),
        ({"prompt": "@@@langfusePrompt:name=none at all|version=1@@@"}, "prompt: "),
        ({"prompt": "x", "commitMessage": "x" * 2_001}, "commitMessage: "),
        ({"prompt": "x", "config": {"model": "x" * 5_000}}, "config: "),
    ],
)
async def test_a_fault_is_told_by_the_name_of_the_field_that_was_sent(
    ask: Langfuse, name: str, part: dict[str, Any], field: str
) -> None:
    status, body = await ask("POST", PROMPTS, {"name": name, **part})
    assert (status, body["error"]) == (400, "InvalidRequestError")
    assert body["message"].startswith(field), body


async def test_other_methods_and_paths_are_told_what_there_is(ask: Langfuse, faces: Registry, name: str) -> None:
    for method, path, allowed in (
        ("PUT", f"{PROMPTS}/{name}", "GET, HEAD, DELETE"),
        ("POST", f"{PROMPTS}/{name}/versions/1", "GET, HEAD, DELETE"),
        ("DELETE", PROMPTS, "GET, HEAD, POST"),
    ):
        async with faces.http.request(method, path, headers=pair(faces.key)) as response:
            assert (response.status, response.headers["Allow"]) == (405, allowed)
            assert (await response.json())["error"] == "MethodNotAllowedError"
    for path in (f"{PROMPTS}/", "/api/public/prompts"):
        status, body = await ask("GET", path)
        assert status == 404
        assert PROMPTS in body["message"]


async def test_health_is_for_everybody_and_what_is_not_served_says_so(faces: Registry, ask: Langfuse) -> None:
    assert (await Langfuse(faces.http, None)("GET", "/api/public/health"))[1]["status"] == "OK"
    for method, path in (("POST", "/api/public/otel/v1/traces"), ("POST", "/api/public/ingestion")):
        status, body = await ask(method, path, {})
        assert status == 404
        assert "LANGFUSE_TRACING_ENABLED" in body["message"]


async def test_the_list_is_filtered_by_everything_that_langfuse_filters_by(ask: Langfuse, name: str) -> None:
    for text in ("a", "b"):
        await ask("POST", PROMPTS, {"name": name, "prompt": text, "labels": [f"label-{text}"], "config": {"t": text}})

    async def line(**query: str) -> Any:
        body = (await ask("GET", PROMPTS, name=name, **query))[1]
        assert body["meta"] == body["pagination"]
        return [(one["versions"], one["labels"], one["lastConfig"]) for one in body["data"]]

    assert await line() == [([1, 2], ["label-a", "label-b", "latest"], {"t": "b"})]
    assert await line(label="label-a") == [([1], ["label-a"], {"t": "a"})]
    assert await line(label="latest") == [([2], ["label-b", "latest"], {"t": "b"})]
    assert await line(version="1") == [([1], ["label-a"], {"t": "a"})]
    assert (
        await line(version="2", label="latest") == await line(version="2", label="label-b") == await line(version="2")
    )
    for none in ({"version": "1", "label": "latest"}, {"version": "1", "label": "label-b"}, {"version": "3"}):
        body = (await ask("GET", PROMPTS, name=name, **none))[1]
        assert (body["data"], body["meta"]["totalItems"], body["meta"]["totalPages"]) == ([], 0, 0)
    assert await line(version="3") == await line(label="none") == await line(tag="none") == []
    assert len(await line(fromUpdatedAt="2020-01-01T00:00:00Z", toUpdatedAt="2999-01-01T00:00:00Z")) == 1
    assert await line(fromUpdatedAt="2999-01-01T00:00:00Z") == await line(toUpdatedAt="2020-01-01T00:00:00Z") == []
    for query in ({"page": "0"}, {"limit": "101"}, {"limit": "x"}, {"fromUpdatedAt": "yesterday"}, {"page": "99999"}):
        assert (await ask("GET", PROMPTS, **query))[0] == 400
