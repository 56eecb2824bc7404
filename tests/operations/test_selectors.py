"""What a selector means now, with what exists and what the caller may see."""

import pytest

from graph.domain.actors import Access, Grant, Scope
from graph.domain.denials import ForbiddenError
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.prompts import VersionByLabel, VersionByNumber, VersionRef
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt, fork_prompt
from graph.operations.selectors import resolve
from graph.operations.versions import append_version
from tests.fixtures import caller, draft, text_version

ADA = caller("ada")


async def make_greet(deps: Deps) -> tuple[str, list[str]]:
    """`greet` with three versions, the first and the last alike, `production` on 2; its id and their digests."""
    prompt = await create_prompt(deps, ADA, draft("greet", text="One"))
    two = await append_version(deps, ADA, prompt.id, 1, text_version("Two"))
    await append_version(deps, ADA, prompt.id, 2, text_version("One"))
    await set_label(deps, ADA, prompt.id, "production", VersionByNumber(2))
    return prompt.id, [prompt.latest_digest, two.version.digest]


async def test_every_form_of_the_grammar_finds_its_version(deps: Deps) -> None:
    _, (one, two) = await make_greet(deps)
    expected = {
        "greet": (3, None),
        "greet@2": (2, None),
        "greet@v1": (1, None),
        "greet@production": (2, "production"),
        "greet@latest": (3, "latest"),
        f"greet@sha256:{two[:12]}": (2, None),
        f"greet@sha256:{one}": (3, None),
    }
    for text, answer in expected.items():
        prompt, version, label = await resolve(deps, ADA, text)
        assert (prompt.name, version.number, label) == ("greet", *answer), text


async def test_an_exact_name_comes_first(deps: Deps) -> None:
    await create_prompt(deps, ADA, draft("greet@2", text="Named so"))
    await make_greet(deps)
    assert (await resolve(deps, ADA, "greet@2")).prompt.name == "greet@2"
    assert (await resolve(deps, ADA, "greet@2@1")).prompt.name == "greet@2"
    assert (await resolve(deps, ADA, "greet@1")).prompt.name == "greet"


@pytest.mark.parametrize("suffix", ["2", "production", "9", "beta", "sha256:0123abcd"])
async def test_no_new_prompt_takes_the_place_of_a_selector(deps: Deps, suffix: str) -> None:
    prompt_id, _ = await make_greet(deps)
    for make in (
        create_prompt(deps, caller("bob"), draft(f"greet@{suffix}", text="Mine")),
        fork_prompt(deps, caller("bob"), VersionRef(prompt_id, 1), f"greet@{suffix}"),
    ):
        with pytest.raises(InvalidInputError, match="means a version of the prompt 'greet'"):
            await make
    assert (await create_prompt(deps, ADA, draft(f"other@{suffix}", text="Mine"))).name == f"other@{suffix}"
    assert (await create_prompt(deps, ADA, draft("greet@Home", text="Mine"))).name == "greet@Home"


async def test_a_version_may_be_given_beside_the_text_but_not_twice(deps: Deps) -> None:
    await make_greet(deps)
    assert (await resolve(deps, ADA, "greet", VersionByNumber(1))).version.number == 1
    assert (await resolve(deps, ADA, "greet@2", VersionByNumber(2))).version.number == 2
    with pytest.raises(InvalidInputError):
        await resolve(deps, ADA, "greet@2", VersionByNumber(1))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("greet@4", "The prompt has no version 4: its latest is 3."),
        ("greet@staging", "The prompt has no label 'staging'. Set it on a version, or leave it out for the latest."),
        ("greet@sha256:0000000000", "No version of the prompt has a digest that begins so."),
    ],
)
async def test_a_version_that_is_not_there_is_told_with_what_to_do(deps: Deps, text: str, told: str) -> None:
    await make_greet(deps)
    with pytest.raises(NotFoundError) as caught:
        await resolve(deps, ADA, text)
    assert (caught.value.message, caught.value.path) == (told, ("version",))


async def test_a_face_has_a_default_of_its_own(deps: Deps) -> None:
    await make_greet(deps)
    _, version, label = await resolve(deps, ADA, "greet", default=VersionByLabel("production"))
    assert (version.number, label) == (2, None)


@pytest.mark.parametrize(
    "text", ["nobody", "greet@4", "greet@staging", "greet@sha256:0000000000", "", "@", "gre\0et", "\ud800", "x" * 5_000]
)
async def test_what_nothing_answers_to_is_not_found(deps: Deps, text: str) -> None:
    await make_greet(deps)
    with pytest.raises(NotFoundError):
        await resolve(deps, ADA, text)


async def test_what_may_not_be_seen_is_not_there(deps: Deps) -> None:
    await make_greet(deps)
    with pytest.raises(NotFoundError):
        await resolve(deps, caller("bob", grants=(Grant("other"),)), "greet@1")


@pytest.mark.parametrize("text", ["greet", "greet@1", "nobody"])
async def test_a_key_that_may_see_no_prompt_at_all_is_told_so_whatever_it_asks_for(deps: Deps, text: str) -> None:
    await make_greet(deps)
    with pytest.raises(ForbiddenError, match="scope prompts:read"):
        await resolve(deps, caller("bob", scopes=[Scope.RENDER]), text)


async def test_a_caller_without_a_key_is_told_of_no_scope(deps: Deps) -> None:
    await make_greet(deps)
    with pytest.raises(NotFoundError):
        await resolve(deps, Access(actor=None, reads_public=True), "greet")


async def test_a_digest_is_found_in_the_archives_and_refused_when_it_could_be_two(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft("long", text="0"))
    digests = [prompt.latest_digest]
    for number in range(1, 60):
        digests.append((await append_version(deps, ADA, prompt.id, number, text_version(str(number)))).version.digest)
    assert (await resolve(deps, ADA, f"long@sha256:{digests[2]}")).version.number == 3
    assert set(await deps.store.versions.find_digests(prompt.id, "")) == set(digests)


async def test_a_digest_that_could_be_two_is_told(deps: Deps) -> None:
    prompt = await create_prompt(deps, ADA, draft("twins", text="0"))
    await append_version(deps, ADA, prompt.id, 1, text_version("1"))
    collection = deps.store.database.collection("prompts")
    await collection.update_one({"_id": prompt.id}, {"$set": {"versions.$[].digest": "abcd0"}})
    await collection.update_one({"_id": prompt.id}, {"$set": {"versions.1.digest": "abcd1"}})
    assert (await resolve(deps, ADA, "twins@sha256:abcd1")).version.number == 2
    with pytest.raises(InvalidInputError):
        await resolve(deps, ADA, "twins@sha256:abcd")
