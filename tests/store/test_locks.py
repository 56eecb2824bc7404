"""Writers of one prompt wait in line, and not for ever."""

import asyncio

import pytest

from graph.domain.outages import StoreUnavailableError
from graph.store.locks import PromptLocks


async def test_writers_of_one_prompt_take_turns_and_those_of_another_do_not_wait() -> None:
    locks = PromptLocks(seconds=5, on_release=lambda prompt_id: None)
    order: list[str] = []

    async def write(prompt: str, name: str, seconds: float) -> None:
        async with locks.holding(prompt):
            order.append(f"{name} begins")
            await asyncio.sleep(seconds)
            order.append(f"{name} ends")

    await asyncio.gather(write("a", "first", 0.05), write("a", "second", 0.01), write("b", "other", 0.0))
    assert order == ["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"]


async def test_who_waits_too_long_is_told_and_the_others_go_on() -> None:
    locks = PromptLocks(seconds=0.05, on_release=lambda prompt_id: None)
    async with locks.holding("a"):
        with pytest.raises(StoreUnavailableError):
            async with locks.holding("a"):
                pass
    async with locks.holding("a"):
        pass


async def test_nothing_is_kept_of_prompts_that_nobody_writes() -> None:
    locks = PromptLocks(seconds=1, on_release=lambda prompt_id: None)
    await asyncio.gather(*(_hold(locks, str(number % 7)) for number in range(50)))
    assert not locks._held


async def _hold(locks: PromptLocks, prompt: str) -> None:
    async with locks.holding(prompt):
        await asyncio.sleep(0)
