"""How aiohttp is told to run the server."""

import gc

from aiohttp import web

# After an early answer, how long the rest of a request is read and thrown away before the connection is closed.
LINGERING_SECONDS = 2.0


def make_runner(app: web.Application, shutdown_seconds: float) -> web.AppRunner:
    """The runner of the app. Bodies are not inflated: a gzip bomb would be, even while it is being refused.

    aiohttp's own access log is off; `middleware.py` writes ours.
    """
    return web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=shutdown_seconds,
        auto_decompress=False,
        lingering_time=LINGERING_SECONDS,
    )


def settle() -> None:
    """After the start: what the server is made of stays, and is not walked over again at each collection of garbage."""
    gc.collect()
    gc.freeze()
