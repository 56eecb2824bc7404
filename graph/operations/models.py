"""The models that a caller can name."""

from graph.domain.actors import Access, Scope
from graph.domain.json_values import JSONObject
from graph.operations.deps import Deps
from graph.operations.rights import require
from graph.upstream.models import PROMPTS_OWN


async def list_models(deps: Deps, access: Access) -> list[JSONObject]:
    """The provider's, our own names for some of them, and `promptgraph`, which means the prompt's own model.

    Raises UpstreamError.
    """
    require(access, Scope.RENDER)
    listed = {model["id"]: model for model in await deps.provider.list_models()}
    ours = {name: _model(name) for name in (PROMPTS_OWN, *deps.models.aliases)}
    return [*(ours | listed).values()]


def _model(name: str) -> JSONObject:
    return {"id": name, "object": "model", "created": 0, "owned_by": "promptgraph"}
