"""Who may call from where: the rules of `Host` and `Origin`, and what they tell browsers (CORS).

On loopback whoever reaches the server is its administrator, so a web page must not reach it through the
visitor's browser: not by a name of its own that it points at 127.0.0.1 (DNS rebinding, hence the rule of
`Host`), and not by posting across origins (hence the rule of `Origin`). Elsewhere a key is needed, which
no browser sends by itself, and the rule of `Host` holds when names are listed.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from graph.http.errors import refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
HEALTH_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
_FIELD_NAMES = re.compile(r"[A-Za-z0-9_, -]{1,2000}")
EXPOSED = (
    "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, "
    "X-Promptgraph-Prompt, X-Promptgraph-Version, X-Promptgraph-Label, X-Promptgraph-Render-Id"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class OriginRules:
    """The rules of one server. `local` is true on a loopback address without keys; `*` in `allowed_hosts` is any."""

    def __init__(self, host: str, allowed_hosts: Iterable[str], allowed_origins: Iterable[str], *, local: bool) -> None:
        listed = {name.lower() for name in allowed_hosts}
        self._any_host = "*" in listed or not (local or listed)
        self._hosts = LOOPBACK_NAMES | listed | _own_names(host)
        origins = [origin.lower().rstrip("/") for origin in allowed_origins]
        self._origins = frozenset(origin for origin in origins if "*" not in origin)
        self._origin_patterns = tuple(_pattern(origin) for origin in origins if "*" in origin)

    def allows_host(self, values: list[str]) -> bool:
        """True when the one `Host` header names this server."""
        return self._any_host or (len(values) == 1 and _host_name(values[0]) in self._hosts)

    def lists_origin(self, origin: str) -> bool:
        """True for another origin that may call and read."""
        origin = origin.lower()
        return origin in self._origins or any(pattern.fullmatch(origin) for pattern in self._origin_patterns)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign hosts and origins; answer what browsers ask before they call."""
        headers = request.headers
        if not self._any_host and request.path not in HEALTH_PATHS and not self.allows_host(headers.getall("Host", [])):
            message = "This server does not answer to that Host. Name it in PROMPTGRAPH_ALLOWED_HOSTS."
            return refusal(421, message, {"code": "FOREIGN_HOST"})
        origin = headers.get("Origin")
        if origin is None:
            return await handler(request)
        listed = self.lists_origin(origin)
        if not listed and not _is_same_origin(origin, headers.get("Host", "")) and _can_act(request):
            message = "Pages of that Origin may not call this server. Name it in PROMPTGRAPH_ALLOWED_ORIGINS."
            return refusal(403, message, {"code": "FOREIGN_ORIGIN"})
        if listed and request.method == "OPTIONS" and "Access-Control-Request-Method" in headers:
            return _preflight(request)
        return await handler(request)

    async def tell_browser(self, request: web.Request, response: web.StreamResponse) -> None:
        """Tell the browser whether the page may read the answer, also one that is streamed."""
        origin = request.headers.get("Origin")
        if origin is None:
            return
        response.headers.add("Vary", "Origin")
        if self.lists_origin(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = EXPOSED


def _preflight(request: web.Request) -> web.Response:
    """The page may send what it asks to send: it is trusted, and no browser adds credentials by itself here."""
    asked = request.headers.get("Access-Control-Request-Headers", "")
    headers = {"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE", "Access-Control-Max-Age": "600"}
    if _FIELD_NAMES.fullmatch(asked):
        headers["Access-Control-Allow-Headers"] = asked
    return web.Response(status=204, headers=headers)


def _pattern(origin: str) -> re.Pattern[str]:
    """`*` stands for names and numbers: `https://*.example.com`, `moz-extension://*`; alone, for any origin."""
    return re.compile(".+" if origin == "*" else "[a-z0-9.-]+".join(re.escape(part) for part in origin.split("*")))


def _can_act(request: web.Request) -> bool:
    """All but plain reads, whose answers a browser keeps from foreign pages anyway; WebSockets it does not."""
    return request.method not in ("GET", "HEAD") or request.headers.get("Upgrade", "").lower() == "websocket"


def _host_name(value: str) -> str | None:
    """The name in a `Host` header, without port; None when it is no host."""
    match = _HOST.fullmatch(value)
    return match[1].lower().removesuffix(".") if match else None


def _own_names(host: str) -> frozenset[str]:
    """How callers write the address that the server listens on; none for an address that means all of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return frozenset({host.lower()})
    if address.is_unspecified:
        return frozenset()
    return frozenset({f"[{address}]" if address.version == 6 else str(address)})


def _is_same_origin(origin: str, host: str) -> bool:
    """True when the page came from this server. The scheme is left out: a proxy before us may have ended TLS."""
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not parts.netloc:
        return False
    return parts.netloc.removesuffix(default) == host.lower().removesuffix(default)
