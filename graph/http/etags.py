"""Answers that a cache may keep as long as it asks each time: an `ETag`, and 304 where nothing has changed.

RFC 9110, sections 8.8.3 and 13.1.2. The tag is the digest of the body, so it changes exactly when the body does, on
every process alike.
"""

import base64
import re
from hashlib import sha256

from aiohttp import web

REVALIDATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept, X-Promptgraph-Actor"}

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def with_etag(request: web.Request, response: web.Response) -> web.Response:
    """The response with its tag, or 304 without a body when the caller holds this very one."""
    body = response.body
    assert isinstance(body, bytes), "only an answer that is there as a whole has a digest"
    tag = f'"{base64.urlsafe_b64encode(sha256(body).digest()[:18]).decode()}"'
    if _holds(request.headers.getall("If-None-Match", []), tag):
        kept = {name: value for name, value in response.headers.items() if name.startswith("X-")}
        return web.Response(status=304, headers={**kept, **REVALIDATE, "ETag": tag})
    response.headers.update({**REVALIDATE, "ETag": tag})
    return response


def _holds(values: list[str], tag: str) -> bool:
    """Whether the tag is among those of `If-None-Match`, by the weak comparison that is meant there."""
    return any(value.strip() == "*" or tag in _TAG.findall(value) for value in values)
