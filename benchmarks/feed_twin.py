"""A bare broadcast, to compare subscriptions with."""

from aiohttp import web

SOCKETS = web.AppKey("sockets", set[web.WebSocketResponse])


def bare_feed_app() -> web.Application:
    """What an aiohttp handler that tells everybody everything costs."""

    async def listen(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        async for _ in socket:
            pass
        request.app[SOCKETS].discard(socket)
        return socket

    async def publish(request: web.Request) -> web.Response:
        text = await request.text()
        sockets = request.app[SOCKETS]
        for socket in tuple(sockets):
            await socket.send_str(text)
        return web.Response()

    app = web.Application()
    app[SOCKETS] = set()
    app.add_routes([web.get("/socket", listen), web.post("/publish", publish)])
    return app
