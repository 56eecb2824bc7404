"""Protected labels over GraphQL."""

from tests.schema.conftest import Api

LABELS = "{ prompts { nodes { labels { name isProtected } } } protectedLabels }"
ONE = "query($name: String!) { prompt(by: {name: $name}) { labels { isProtected } } }"


async def test_a_label_says_whether_it_is_protected_and_follows_what_is_said(api: Api) -> None:
    prompt = await api.create()
    for name in ("canary", "production"):
        await api.change("promptLabelSet", {"promptId": prompt["id"], "name": name, "version": {"number": 1}})
    assert await shown(api) == ({"canary": False, "production": True}, ["production"])
    done = await api.change("labelProtect", {"name": "canary"}, "protectedLabels")
    assert done["protectedLabels"] == ["canary", "production"]
    assert await shown(api) == ({"canary": True, "production": True}, ["canary", "production"])
    await api.change("labelUnprotect", {"name": "production"}, "protectedLabels")
    assert await shown(api) == ({"canary": True, "production": False}, ["canary"])
    one = await api.query(ONE, {"name": prompt["name"]})
    assert one["prompt"]["labels"] == [{"isProtected": True}, {"isProtected": False}]


async def test_a_name_that_is_no_labels_is_told(untouched: Api) -> None:
    error = await untouched.refuse("labelProtect", {"name": "latest"})
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "name"])


async def shown(api: Api) -> tuple[dict[str, bool], list[str]]:
    data = await api.query(LABELS)
    (prompt,) = data["prompts"]["nodes"]
    return {label["name"]: label["isProtected"] for label in prompt["labels"]}, data["protectedLabels"]
