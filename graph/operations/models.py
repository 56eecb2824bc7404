"""The models that a caller can name."""

from collections.abc import Sequence

from graph.domain.actors import Access, Scope
from graph.domain.json_values import JSONObject
from graph.domain.outages import UpstreamError
from graph.operations.deps import Deps
from graph.operations.rights import require
from graph.upstream.models import PROMPTS_OWN

_NO_LIST = (404, 405, 501)


async def list_models(deps: Deps, access: Access) -> list[JSONObject]:
    """The provider's, where it lists them, our names for some, and `promptgraph`, which means the prompt's own model.

    Raises UpstreamError.
    """
    require(access, Scope.RENDER)
    listed = {model["id"]: model for model in await _list_theirs(deps)}
    ours = {name: _model(name) for name in (PROMPTS_OWN, *deps.models.aliases)}
    return [*(ours | listed).values()]


async def _list_theirs(deps: Deps) -> Sequence[JSONObject]:
    """Programs ask for the list before anything else, and some providers have none."""
    try:
        return await deps.provider.list_models()
    except UpstreamError as error:
        if error.status in _NO_LIST:
            return ()
        raise


def _model(name: str) -> JSONObject:
    return {"id": name, "object": "model", "created": 0, "owned_by": "promptgraph"}
