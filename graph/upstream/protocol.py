"""What an upstream is: something that answers OpenAI's calls. Bodies and answers are in OpenAI's shapes.

Implementations: `Provider` (any server of OpenAI's protocol) and `Echo` (built in).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from graph.domain.json_values import JSONObject


class Endpoint(StrEnum):
    """What is called. The value is its path below the provider's URL."""

    CHAT = "chat/completions"
    RESPONSES = "responses"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model. `body` names the model and, with `stream`, asks for server-sent events."""

    endpoint: Endpoint
    body: JSONObject

    @property
    def model(self) -> str | None:
        """The model that is asked for."""
        model = self.body.get("model")
        return model if isinstance(model, str) and model else None


class Answer(Protocol):
    """What came back: a success always, since every failure is raised. It is read once, in one of two ways."""

    @property
    def is_streaming(self) -> bool:
        """True for server-sent events."""

    async def read(self) -> bytes:
        """The whole body, JSON. Raises UpstreamError."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body's bytes as they come. Raises UpstreamError when it breaks off."""

    def close(self) -> None:
        """Ends the call, where it is not over. To be called whatever has become of it."""


class Upstream(Protocol):
    """Where calls go."""

    async def send(self, call: Call) -> Answer:
        """The answer, as soon as it begins. Raises UpstreamError."""

    async def list_models(self) -> Sequence[JSONObject]:
        """The models, as `GET /models` tells them. Raises UpstreamError."""
