"""Looking for includers, however many names are looked for at once."""

from graph.domain.prompts import Prompt
from graph.domain.selectors import target_of
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.store.references import Includer
from tests.fixtures import caller, deps, draft

__all__ = ["deps"]

ADA = caller("ada")
LONG = [f"{number}" + "\N{MATHEMATICAL SCRIPT CAPITAL A}" * 245 for number in range(17_000)]
"""Names of a kilobyte each, which together are more than one question to the database holds."""


async def make(deps: Deps, name: str, text: str) -> Prompt:
    return await create_prompt(deps, ADA, draft(name, text))


async def test_more_marks_than_one_question_holds_are_looked_for(deps: Deps) -> None:
    for name in ("a", "b"):
        await make(deps, name, name)
    letters = [await make(deps, "one", "{{> a}}"), await make(deps, "two", "{{> a}} {{> b}}")]
    marks = [target_of("a", "latest"), *LONG, "b"]
    found = await deps.store.references.find_includers(marks)
    assert sorted(found, key=lambda one: one.prompt_id) == [Includer(one.id, 1, f"{one.id}:1") for one in letters]
    assert await deps.store.references.find_any([*LONG, "b"])
    assert not await deps.store.references.find_any(LONG)
