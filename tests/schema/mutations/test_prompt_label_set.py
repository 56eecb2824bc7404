from typing import Any

import pytest

from graph.domain.actors import Scope
from graph.domain.limits import Limits
from graph.schema.node import encode_id
from tests.fixtures import Records, caller
from tests.schema.conftest import Api
from tests.schema.mutations.samples import FORGED_IDS, SURROGATE, UNKNOWN_PROMPT

LABEL = "label { name isProtected movedAt version { number } } previousVersion { number } searchToken"
WITHOUT_PROTECTED = caller("bob", set(Scope) - {Scope.LABELS_PROTECTED})


def input_for(prompt: dict[str, Any], name: str = "staging", number: int = 1, **more: Any) -> dict[str, Any]:
    return {"promptId": prompt["id"], "name": name, "version": {"number": number}, **more}


async def test_a_new_label_points_at_the_version_and_had_none_before(api: Api, records: Records) -> None:
    payload = await api.change("promptLabelSet", input_for(await api.create(), "production"), LABEL)
    assert (payload["label"]["name"], payload["label"]["version"]) == ("production", {"number": 1})
    assert payload["label"]["isProtected"] is True
    assert payload["previousVersion"] is None
    assert payload["searchToken"]
    (event,) = await records.all("events", kind="label_set")
    assert event["change"] == {"label": "production", "from": None, "to": 1}


async def test_a_label_moves_and_says_where_it_was(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Second")
    await api.change("promptLabelSet", input_for(prompt))
    payload = await api.change("promptLabelSet", input_for(prompt, number=2, expectedVersion=1), LABEL)
    assert (payload["label"]["version"], payload["previousVersion"]) == ({"number": 2}, {"number": 1})


async def test_a_version_is_selected_by_id_number_or_label(api: Api) -> None:
    prompt = await api.create()
    second = await api.append(prompt, "Second")
    selected: list[int] = []
    for by in ({"id": second["id"]}, {"number": 1}, {"label": "latest"}, {"label": "a"}):
        input = {**input_for(prompt, "abcd"[len(selected)]), "version": by}
        selected.append((await api.change("promptLabelSet", input, LABEL))["label"]["version"]["number"])
    assert selected == [2, 1, 2, 2]


async def test_setting_it_where_it_is_writes_nothing(api: Api, records: Records) -> None:
    prompt = await api.create()
    await api.change("promptLabelSet", input_for(prompt))
    before = await records.snapshot()
    payload = await api.change("promptLabelSet", input_for(prompt), LABEL)
    assert payload["previousVersion"] == {"number": 1}
    assert payload["searchToken"]
    assert await records.snapshot() == before


@pytest.mark.parametrize(
    "name", ["latest", "v7", "", "Production", "7up", "a b", "a/b", "é", "l" * 37, "a\n", "a\0", SURROGATE]
)
async def test_a_bad_name_is_refused_and_nothing_is_written(
    untouched: Api, standing: dict[str, Any], name: str
) -> None:
    error = await untouched.refuse("promptLabelSet", input_for(standing, name), LABEL)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "name"])


async def test_a_stale_expected_version_is_a_conflict_that_shows_the_label(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Second")
    await api.change("promptLabelSet", input_for(prompt, number=2))
    for stale in (0, 1):
        error = await api.refuse("promptLabelSet", input_for(prompt, expectedVersion=stale), LABEL)
        assert (error["__typename"], error["path"]) == ("LabelConflictError", ["input", "expectedVersion"])
        assert error["label"] == {"name": "staging", "version": {"number": 2}}


async def test_a_label_that_is_gone_is_a_conflict_without_a_label(untouched: Api, standing: dict[str, Any]) -> None:
    error = await untouched.refuse("promptLabelSet", input_for(standing, expectedVersion=1), LABEL)
    assert (error["__typename"], error["label"]) == ("LabelConflictError", None)


async def test_a_new_protected_label_needs_its_scope(untouched: Api, standing: dict[str, Any]) -> None:
    error = await untouched.refuse("promptLabelSet", input_for(standing, "production"), LABEL, WITHOUT_PROTECTED)
    assert (error["__typename"], error["protected"]) == ("LabelProtectedError", None)
    assert "labels:protected" in error["message"]


async def test_a_protected_label_is_shown_where_it_stays(api: Api) -> None:
    prompt = await api.create()
    await api.append(prompt, "Second")
    await api.change("promptLabelSet", input_for(prompt, "production"))
    error = await api.refuse("promptLabelSet", input_for(prompt, "production", 2), LABEL, WITHOUT_PROTECTED)
    assert error["protected"] == {"name": "production", "version": {"number": 1}}
    await api.change("promptLabelSet", input_for(prompt, "staging", 2), access=WITHOUT_PROTECTED)


async def test_a_prompt_has_a_bounded_number_of_labels(api: Api) -> None:
    prompt = await api.create()
    most = Limits().labels
    for number in range(most):
        await api.change("promptLabelSet", input_for(prompt, f"label-{number}"))
    error = await api.refuse("promptLabelSet", input_for(prompt, "one-more"), LABEL)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "name"])
    assert str(most) in error["message"]


@pytest.mark.parametrize(
    "by", [{"number": 2}, {"number": 0}, {"number": -1}, {"label": "nowhere"}, {"label": SURROGATE}]
)
async def test_a_version_that_is_not_there_is_not_found(
    untouched: Api, standing: dict[str, Any], by: dict[str, Any]
) -> None:
    error = await untouched.refuse("promptLabelSet", {**input_for(standing), "version": by}, LABEL)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "version"])


@pytest.mark.parametrize(
    "version", [*FORGED_IDS, pytest.param(encode_id("PromptVersion", "another", 1), id="of another prompt")]
)
async def test_an_id_of_no_version_of_this_prompt_is_invalid_input(
    untouched: Api, standing: dict[str, Any], version: str
) -> None:
    error = await untouched.refuse("promptLabelSet", {**input_for(standing), "version": {"id": version}}, LABEL)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "version", "id"])


async def test_an_archived_prompt_takes_no_label(api: Api) -> None:
    prompt = await api.create()
    await api.change("promptArchive", {"promptId": prompt["id"]})
    error = await api.refuse("promptLabelSet", input_for(prompt), LABEL)
    assert error["__typename"] == "PromptArchivedError"


@pytest.mark.parametrize("forged", FORGED_IDS)
async def test_an_id_of_no_prompt_is_invalid_input(untouched: Api, forged: str) -> None:
    error = await untouched.refuse("promptLabelSet", input_for({"id": forged}), LABEL)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "promptId"])


async def test_a_prompt_that_is_not_there_is_not_found(untouched: Api) -> None:
    error = await untouched.refuse("promptLabelSet", input_for({"id": UNKNOWN_PROMPT}), LABEL)
    assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "promptId"])
