"""Global ids: opaque, of one type, read strictly; and the objects behind them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.actors import ANONYMOUS, Scope
from graph.domain.errors import InvalidInputError
from graph.domain.prompts import VersionRef
from graph.operations.access import LOCAL
from graph.schema.node import decode_id, encode_id, read_actor_id, read_prompt_id, read_version_id, version_id
from tests.fixtures import caller
from tests.schema.conftest import Api

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


def plain(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_an_id_says_nothing_to_the_eye_and_is_read_back() -> None:
    assert read_version_id(version_id(VersionRef("abc", 7)), ("id",)) == VersionRef("abc", 7)
    assert "abc" not in version_id(VersionRef("abc", 7))


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", "%%%", "é", "Prompt:1", plain("Prompt"), plain("Prompt:"), plain("Prompt:a:b"), plain("Nobody:a")),
        *(
            plain("PromptVersion:a"),
            plain("PromptVersion:a:0"),
            plain("PromptVersion:a:-1"),
            plain("PromptVersion:a:x"),
        ),
        *(
            plain("PromptVersion:a:01"),
            plain("PromptVersion:a:²"),
            plain("PromptVersion:a:99999999999"),
            plain("Prompt:a") + "=",
        ),
        base64.urlsafe_b64encode(b"Prompt:\xff").decode(),
    ],
)
def test_a_malformed_id_is_refused(value: str) -> None:
    assert decode_id(value) is None
    with pytest.raises(InvalidInputError, match="This is no ID of a Prompt"):
        read_prompt_id(value, ("id",))


def test_an_id_of_another_type_is_refused_with_the_path_of_its_field() -> None:
    with pytest.raises(InvalidInputError, match="no ID of a User or ServiceAccount") as caught:
        read_actor_id(encode_id("Prompt", "a"), ("filter", "authorIds", "0"))
    assert caught.value.path == ("filter", "authorIds", "0")


@given(st.text())
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    found = decode_id(text)
    assert found is None or encode_id(found.type_name, *found.parts) == text


async def test_a_prompt_a_version_a_rating_and_an_actor_are_found_by_id(api: Api) -> None:
    await api.deps.store.actors.ensure(LOCAL)
    prompt = await api.create()
    rating = await api.change("promptRate", {"promptId": prompt["id"], "score": 5}, "rating { id }")
    ids = [prompt["id"], prompt["latestVersion"]["id"], rating["rating"]["id"], encode_id("User", "local")]
    found = await api.query(NODES, {"ids": ids})
    types = ["Prompt", "PromptVersion", "Rating", "User"]
    assert found["nodes"] == [{"__typename": name, "id": id} for name, id in zip(types, ids, strict=True)]
    for id in ids:
        assert (await api.query(NODE, {"id": id}))["node"]["id"] == id


async def test_what_does_not_exist_is_null(api: Api) -> None:
    prompt = await api.create()
    known = read_prompt_id(prompt["id"], ())
    for id in (
        encode_id("Prompt", "nobody"),
        encode_id("PromptVersion", known, 2),
        encode_id("PromptVersion", "nobody", 1),
        encode_id("Rating", known, "nobody"),
        encode_id("User", "nobody"),
        encode_id("ServiceAccount", "local"),
    ):
        assert await api.query(NODE, {"id": id}) == {"node": None}


async def test_what_hangs_on_an_invisible_prompt_is_null(api: Api) -> None:
    prompt = await api.create()
    rating = await api.change("promptRate", {"promptId": prompt["id"], "score": 5}, "rating { id }")
    ids = [prompt["id"], prompt["latestVersion"]["id"], rating["rating"]["id"]]
    blind = caller(scopes=[Scope.RENDER])
    assert await api.query(NODES, {"ids": ids}, blind) == {"nodes": [None, None, None]}


async def test_an_actor_is_shown_to_everyone_who_is_known(api: Api) -> None:
    await api.deps.store.actors.ensure(LOCAL)
    id = encode_id("User", "local")
    assert (await api.query(NODE, {"id": id}, caller(scopes=[])))["node"] is not None
    assert (await api.query(NODE, {"id": id}, ANONYMOUS))["node"] is None


async def test_node_refuses_a_malformed_id_and_nodes_puts_null_in_its_place(api: Api) -> None:
    prompt = await api.create()
    refused = await api.execute(NODE, {"id": "nonsense"})
    assert refused.errors is not None
    assert isinstance(refused.errors[0].original_error, InvalidInputError)
    found = await api.query(NODES, {"ids": ["nonsense", prompt["id"], prompt["id"]]})
    assert [node and node["id"] for node in found["nodes"]] == [None, prompt["id"], prompt["id"]]


async def test_nodes_takes_a_hundred_ids_and_no_more(api: Api) -> None:
    found = await api.query(NODES, {"ids": ["x"] * 100})
    assert found["nodes"] == [None] * 100
    refused = await api.execute(NODES, {"ids": ["x"] * 101})
    assert refused.errors is not None
    assert "at most 100" in refused.errors[0].message
