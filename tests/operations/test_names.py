"""Names are kept in NFC and found however they were typed."""

import unicodedata

import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import PromptByName
from graph.domain.queries import PromptFilter
from graph.operations.deps import Deps
from graph.operations.prompts import count_prompts, create_prompt, delete_prompt, get_prompt
from tests.fixtures import caller, draft

TYPED = unicodedata.normalize("NFD", "café/über")


async def test_a_name_typed_in_nfd_is_found_filtered_and_confirmed(deps: Deps) -> None:
    made = await create_prompt(deps, caller(), draft(TYPED, tags=(TYPED,), category=TYPED))
    assert made.name == unicodedata.normalize("NFC", TYPED) != TYPED
    assert await get_prompt(deps, caller(), PromptByName(TYPED)) == made
    where = PromptFilter(tags=(TYPED,), categories=(TYPED,), folders=(TYPED.split("/")[0] + "/",))
    assert await count_prompts(deps, caller(), where) == 1
    await delete_prompt(deps, caller(), made.id, TYPED)


@pytest.mark.parametrize(
    "name", ["Shaking 🫨", "\U0001fae9", "क्षि", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\ue000"]
)
async def test_letters_that_are_new_to_unicode_are_letters(deps: Deps, name: str) -> None:
    assert (await create_prompt(deps, caller(), draft(name))).name == name


@pytest.mark.parametrize("name", ["\u200b", "a/\u200b\u200d", "a\u202eb", "a\u2066b", "\ufdd0", "\U0001ffff"])
async def test_what_cannot_be_seen_or_turns_the_text_around_is_no_name(deps: Deps, name: str) -> None:
    with pytest.raises(InvalidInputError):
        await create_prompt(deps, caller(), draft(name))
