"""Near ones of a prompt, by content."""

from graph.domain.denials import RequestTooCostlyError
from graph.domain.errors import InvalidInputError
from tests.schema.search.searcher import Searcher


async def test_similar_finds_near_ones_and_never_itself(zoo: Searcher) -> None:
    text = {"text": "Write a friendly reply to {{customer}} about the refund of their order."}
    first = await zoo.api.create("dup/one", template=text)
    await zoo.api.create("dup/two", template={"text": text["text"] + " Be brief."})
    await zoo.settle()
    question = "query Q($id: ID!, $n: Int! = 5) { prompt(by: {id: $id}) { similar(first: $n) { name } } }"
    near = (await zoo.api.query(question, {"id": first["id"]}))["prompt"]["similar"]
    assert near[0] == {"name": "dup/two"}
    assert {"name": "dup/one"} not in near
    for count in (0, 21):
        result = await zoo.api.execute(question, {"id": first["id"], "n": count})
        assert result.data == {"prompt": {"similar": None}}
        assert result.errors
        assert isinstance(result.errors[0].original_error, InvalidInputError)


async def test_similar_of_a_whole_page_is_refused_as_too_costly(zoo: Searcher) -> None:
    for number in range(21):
        await zoo.api.create(f"many/{number}")
    await zoo.settle()
    question = "query Q($n: Int!) { prompts(first: $n) { nodes { similar(first: 1) { name } } } }"
    assert await zoo.api.query(question, {"n": 20})
    result = await zoo.api.execute(question, {"n": 21})
    assert result.data
    assert [node["similar"] for node in result.data["prompts"]["nodes"]].count(None) == 1
    assert result.errors
    assert [type(error.original_error) for error in result.errors] == [RequestTooCostlyError]
