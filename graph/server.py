"""`promptgraph serve`: listens until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
from aiohttp import web

from graph.app import create_app, is_local
from graph.http.runner import make_runner, settle
from graph.http.tls import Certificate, TLSError
from graph.settings import Settings
from graph.standalone import registry_database

SHUTDOWN_SECONDS = 3.0


async def serve_forever(settings: Settings) -> int:
    """Serves, prints one line with the URL when it is ready, and leaves nothing behind when it is stopped."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        certificate = _certificate(settings)
    except TLSError as error:
        typer.echo(f"promptgraph: {error}", err=True)
        return 1
    async with registry_database(settings) as url, _watched(certificate):
        runner = make_runner(create_app(settings, url), SHUTDOWN_SECONDS)
        await runner.setup()
        settle()
        try:
            context = certificate.context if certificate else None
            site = web.TCPSite(runner, settings.host, settings.port, ssl_context=context)
            try:
                await site.start()
            except OSError as error:
                typer.echo(
                    f"promptgraph: cannot listen on {settings.host}:{settings.port}: {error.strerror}.", err=True
                )
                return 1
            typer.echo(f"Promptgraph is ready at {_url(settings.host, runner, certificate is not None)}/graphql")
            if not is_local(settings):
                typer.echo("Callers need a key: make one with `promptgraph apikey create NAME`.", err=True)
            await stopped.wait()
        finally:
            await runner.cleanup()
    return 0


def _certificate(settings: Settings) -> Certificate | None:
    if settings.tls_certificate and settings.tls_key:
        return Certificate(settings.tls_certificate, settings.tls_key)
    return None


@asynccontextmanager
async def _watched(certificate: Certificate | None) -> AsyncIterator[None]:
    """Looks for a renewed certificate meanwhile."""
    if certificate is None:
        yield
        return
    watching = asyncio.create_task(certificate.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def _url(host: str, runner: web.AppRunner, is_secure: bool) -> str:
    """Where it listens; the port is the one that was taken when 0 was asked for."""
    port = runner.addresses[0][1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    return f"{'https' if is_secure else 'http'}://{shown}:{port}"
