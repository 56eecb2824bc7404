"""What is served where."""

from collections.abc import Mapping

from aiohttp import web

from graph.http.explorer import ASSETS_URL, Explorer
from graph.http.graphql import GraphQLHandler
from graph.http.health import Readiness, Ready, Tell, live
from graph.http.metrics import Metrics


def routes(
    graphql: GraphQLHandler,
    explorer: Explorer,
    ready: Ready,
    told: Mapping[str, Tell] | None = None,
    metrics: Metrics | None = None,
) -> list[web.RouteDef]:
    """The server's paths. The endpoint looks at the method itself, so that it can answer in its own way."""
    return [
        web.get("/", go_to_graphql),
        web.route("*", "/graphql", graphql.__call__),
        web.get(ASSETS_URL + "/{name}", explorer.serve_asset),
        web.get("/livez", live),
        web.get("/readyz", Readiness(ready, told).answer),
        *([web.get("/metrics", metrics.answer)] if metrics else []),
    ]


async def go_to_graphql(request: web.Request) -> web.StreamResponse:
    """Who opens the server's address in a browser wants the explorer."""
    return web.Response(status=302, headers={"Location": "/graphql"})
