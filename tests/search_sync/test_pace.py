"""What comes alone is done at once; what comes together is done together."""

import asyncio
import time
from collections.abc import Callable

from search_sync.pace import BUSIEST, Pace
from tests.clock import awake_seconds

SHORTEST = 0.02


async def waited(pace: Pace, clock: Callable[[], float] = time.monotonic) -> float:
    """Seconds from the end of a round to the next, when there is something to do at once."""
    pace.note_end()
    began = clock()
    await pace.gather()
    return clock() - began


async def test_the_first_round_waits_for_nothing() -> None:
    pace = Pace(60)
    await asyncio.wait_for(pace.gather(), 10)


async def test_pauses_grow_while_there_is_always_something_to_do() -> None:
    pace = Pace(SHORTEST)
    pauses = [await waited(pace) for _ in range(4)]
    least = [SHORTEST, 2 * SHORTEST, BUSIEST * SHORTEST, BUSIEST * SHORTEST]
    assert all(pause >= due * 0.9 for pause, due in zip(pauses, least, strict=True))


async def test_after_a_quiet_moment_the_pause_is_short_again() -> None:
    pace = Pace(0.2)
    for _ in range(2):
        await waited(pace)
    pace.note_end()
    await asyncio.sleep(0.25)
    began = awake_seconds()
    await pace.gather()
    assert awake_seconds() - began < 0.2
    assert await waited(pace, awake_seconds) < 0.2 * BUSIEST, "it is as long as in the busy time before"


async def test_without_a_pause_nothing_is_gathered() -> None:
    pace = Pace(0)
    assert sum([await waited(pace) for _ in range(3)]) < 10
