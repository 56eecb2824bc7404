"""GraphiQL, the explorer that browsers see at the endpoint."""

from aiohttp import web


class GraphiQL:
    """The page."""

    def respond(self) -> web.Response:
        """The page as an answer."""
        return web.Response(text="<!doctype html>", content_type="text/html")
