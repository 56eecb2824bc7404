"""The provider of models that the settings name, joined."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from graph.settings import Settings
from graph.upstream.echo import ECHO
from graph.upstream.models import ModelNames
from graph.upstream.provider import Provider, open_provider


@asynccontextmanager
async def open_upstream(settings: Settings) -> AsyncIterator[Provider | None]:
    """The provider with its connections; None where `echo` answers."""
    if settings.upstream_url is None:
        yield None
        return
    async with open_provider(
        settings.upstream_url,
        settings.upstream_key.get_secret_value() if settings.upstream_key else None,
        seconds=settings.upstream_timeout_seconds,
        connect_seconds=settings.upstream_connect_seconds,
        connections=settings.upstream_connections,
        most_bytes=settings.upstream_answer_bytes,
    ) as provider:
        yield provider


def model_names(settings: Settings) -> ModelNames:
    """Our names for its models, who steps in, and what is asked where nobody names one."""
    default = settings.upstream_model or (None if settings.upstream_url else ECHO)
    return ModelNames(settings.model_map, settings.model_fallbacks, default)
