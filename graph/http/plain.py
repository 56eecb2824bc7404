"""Prompts as plain JSON, for programs that only fetch: `GET /prompts/{name}`.

    curl localhost:8080/prompts/support/refund-reply?label=production

The name is the path, its slashes as they are or as `%2F`; a selector such as `refund-reply@7` will do as well, and an
exact name comes first. `version` or `label` beside it select a version; without them it is the latest. What it includes
is put in, unless `resolve=false`. The answer has an `ETag`, so a program that keeps the last one and sends
`If-None-Match` is told in a few bytes that nothing has moved.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.errors import InvalidInputError, PromptgraphError
from graph.domain.json_values import JSONObject
from graph.domain.names import LABEL_PATTERN
from graph.domain.prompts import VersionByLabel
from graph.domain.selectors import parse_version
from graph.domain.templates import Content, settings_to_json, template_to_json, variable_to_json
from graph.http.auth import Identify
from graph.http.errors import json_response, refuse
from graph.http.etags import with_etag
from graph.operations.deps import Deps
from graph.operations.references import require_expanded
from graph.operations.selectors import AnyVersion, Resolved, resolve
from graph.schema.node import prompt_id
from graph.schema.scalars import write_datetime


def routes(identify: Identify) -> list[web.RouteDef]:
    """The paths of this face."""

    async def fetch(request: web.Request) -> web.StreamResponse:
        try:
            deps, access = await identify(request)
            return await answer(request, deps, access, request.match_info["name"])
        except PromptgraphError as error:
            return refuse(error)

    return [web.get("/prompts/{name:.+}", fetch)]


async def answer(request: web.Request, deps: Deps, access: Access, name: str) -> web.Response:
    """The version that the name, or a selector, and the query mean. Raises as `resolve` does."""
    found = await resolve(deps, access, name, read_selection(request.query))
    content = found.version.content
    if read_resolve(request.query):
        content = (await require_expanded(deps, access, found.version, found.prompt.name)).content
    return with_etag(request, json_response(describe_version(found, content)))


def read_resolve(query: Mapping[str, str]) -> bool:
    """Whether what it includes is put in; so it is when nothing is said. Raises InvalidInputError."""
    text = query.get("resolve", "true")
    if text not in ("true", "false"):
        raise InvalidInputError("`resolve` is true or false.", ("resolve",))
    return text == "true"


def read_selection(query: Mapping[str, str]) -> AnyVersion | None:
    """The version that the query's `version` or `label` selects. Raises InvalidInputError for both, or another form."""
    version, label = query.get("version"), query.get("label")
    if len(query) > len(set(query)):
        raise InvalidInputError("Give each parameter once.")
    if version is not None and label is not None:
        raise InvalidInputError("Give `version` or `label`, not both.", ("label",))
    if label is not None:
        if not LABEL_PATTERN.fullmatch(label):
            raise InvalidInputError("A label is a lower-case letter, then up to 35 of a-z 0-9 _ . -", ("label",))
        return VersionByLabel(label)
    if version is None:
        return None
    read = parse_version(version)
    if read is None or isinstance(read, VersionByLabel):
        raise InvalidInputError(
            "A version is a number from 1, or `sha256:` and digits; else say `label`.", ("version",)
        )
    return read


def describe_version(found: Resolved, content: Content) -> JSONObject:
    """The version as it is told here; its words are those of the GraphQL API."""
    prompt, version = found.prompt, found.version
    settings = version.model_settings
    told: dict[str, Any] = {
        "id": prompt_id(prompt.id),
        "name": prompt.name,
        "title": prompt.title,
        "version": version.number,
        "label": found.label,
        "labels": sorted(name for name, label in prompt.labels.items() if label.version == version.number),
        "isLatest": version.number == prompt.latest,
        "tags": list(prompt.tags),
        "template": template_to_json(content.template),
        "variables": [variable_to_json(variable) for variable in content.variables],
        "modelSettings": settings_to_json(settings) if settings else None,
        "digest": version.digest,
        "changeNote": version.change_note,
        "createdAt": write_datetime(version.created_at),
        "archivedAt": write_datetime(prompt.archived_at) if prompt.archived_at else None,
    }
    return told
