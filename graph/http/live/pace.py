"""Reads no faster than so many messages a second."""

import asyncio


class Pace:
    """What comes faster than `most` in a second waits for the next one, and in the end in the client's own buffers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._second = 0.0
        self._count = 0

    async def keep(self) -> None:
        """To be awaited before each message."""
        loop = asyncio.get_running_loop()
        self._count += 1
        if self._count > self._most:
            await asyncio.sleep(self._second + 1 - loop.time())
            self._count = 1
        if loop.time() >= self._second + 1:
            self._second, self._count = loop.time(), 1
