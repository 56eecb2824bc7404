"""CPU time of a call, on a machine that others use too."""

import time
from collections.abc import Callable

RUNS = 5


def least_cpu_seconds(call: Callable[[], object]) -> float:
    """The least that this thread spent on the call in a few runs: what is more than that is not the call's."""
    spent = []
    for _ in range(RUNS):
        started = time.thread_time()
        call()
        spent.append(time.thread_time() - started)
    return min(spent)
