"""`promptgraph serve`: listens until it is told to stop."""

import asyncio
import signal

import typer
from aiohttp import web

from graph.app import create_app, is_local
from graph.http.runner import make_runner
from graph.settings import Settings
from graph.standalone import registry_database

SHUTDOWN_SECONDS = 3.0


async def serve_forever(settings: Settings) -> int:
    """Serves, prints one line with the URL when it is ready, and leaves nothing behind when it is stopped."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with registry_database(settings) as url:
        runner = make_runner(create_app(settings, url), SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            try:
                await site.start()
            except OSError as error:
                typer.echo(
                    f"promptgraph: cannot listen on {settings.host}:{settings.port}: {error.strerror}.", err=True
                )
                return 1
            typer.echo(f"Promptgraph is ready at {_url(settings.host, runner)}/graphql")
            if not is_local(settings):
                typer.echo("Callers need a key: make one with `promptgraph apikey create NAME`.", err=True)
            await stopped.wait()
        finally:
            await runner.cleanup()
    return 0


def _url(host: str, runner: web.AppRunner) -> str:
    """Where it listens; the port is the one that was taken when 0 was asked for."""
    port = runner.addresses[0][1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    return f"http://{shown}:{port}"
