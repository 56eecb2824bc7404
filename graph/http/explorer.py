"""GraphiQL, the explorer that browsers see at the endpoint.

`graphiql/` holds its sources and lock file; `npm ci && npm run build` there makes `graphiql/dist`, which is
served from here. Without it the page takes the same versions from a CDN.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from string import Template

from aiohttp import web

from graph.http.errors import refusal

SOURCES = Path(__file__).parent / "graphiql"
ASSETS_URL = "/graphql/assets"
CDN = "https://esm.sh"

EXAMPLE = """\
# Welcome to Promptgraph. Press the play button: this works on a new registry too.
query Example {
  viewer {
    actor {
      displayName
    }
    scopes
  }
  prompts(first: 10) {
    totalCount
    nodes {
      name
      title
      updatedAt
      latestVersion {
        number
        variables {
          name
        }
      }
      labels {
        name
        version {
          number
        }
      }
      ratingSummary {
        average
        count
      }
    }
  }
}
"""

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Promptgraph · GraphiQL</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } #graphiql { height: 100dvh }</style>
$head
</head>
<body>
<div id="graphiql">Loading GraphiQL…</div>
<script type="application/json" id="settings">$settings</script>
$scripts
</body>
</html>
""")


class Explorer:
    """The page and its files. They are looked up once, so nothing but them can ever be asked for."""

    def __init__(self, url: str = "/graphql", example: str = EXAMPLE, assets: Path = SOURCES / "dist") -> None:
        self._files = {path.name: path for path in sorted(assets.glob("*")) if path.is_file()}
        settings = _inline_json({"url": url, "example": example})
        self._html, self._policy = _bundled(settings) if "graphiql.js" in self._files else _from_cdn(settings)

    def respond(self) -> web.Response:
        """The page."""
        return web.Response(
            text=self._html,
            content_type="text/html",
            headers={"Content-Security-Policy": self._policy, "Cache-Control": "no-cache", "Vary": "Accept"},
        )

    async def serve_asset(self, request: web.Request) -> web.StreamResponse:
        """One of the page's files."""
        path = self._files.get(request.match_info["name"])
        if path is None:
            return refusal(404, "There is no such file.", {"code": "NOT_FOUND"})
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


def _bundled(settings: str) -> tuple[str, str]:
    head = f'<link rel="stylesheet" href="{ASSETS_URL}/graphiql.css">'
    scripts = f'<script type="module" src="{ASSETS_URL}/graphiql.js"></script>'
    html = _PAGE.substitute(head=head, settings=settings, scripts=scripts)
    return html, _policy(scripts="'self'", workers="'self'", other="")


def _from_cdn(settings: str) -> tuple[str, str]:
    """The same page with everything from the CDN: `start.js` stands in it, its imports are mapped."""
    imports = _inline_json({"imports": _imports()})
    start = 'import "graphiql/setup-workers/esm.sh";\n' + (SOURCES / "src/start.js").read_text("utf-8")
    styles = f'<link rel="stylesheet" href="{_imports()["graphiql/"]}dist/style.css">'
    head = f'{styles}\n<script type="importmap">{imports}</script>'
    html = _PAGE.substitute(head=head, settings=settings, scripts=f'<script type="module">{start}</script>')
    allowed = f"{_hash(imports)} {_hash(start)} {CDN} data:"
    return html, _policy(scripts=allowed, workers=f"blob: {CDN}", other=f" {CDN}")


def _imports() -> dict[str, str]:
    """Where the CDN has the versions that package.json pins. What is shared between modules must be loaded once."""
    versions: Mapping[str, str] = json.loads((SOURCES / "package.json").read_text("utf-8"))["dependencies"]
    at = {name: f"{CDN}/{name}@{version}" for name, version in versions.items()}
    react_parts = "react,react-dom,graphql,@graphiql/toolkit,@emotion/is-prop-valid"
    return {
        "react": at["react"],
        "react/": at["react"] + "/",
        "react-dom": at["react-dom"],
        "react-dom/": at["react-dom"] + "/",
        "graphql": at["graphql"],
        "graphiql": at["graphiql"] + "?standalone&external=react,react-dom,@graphiql/react,graphql",
        "graphiql/": at["graphiql"] + "/",
        "@graphiql/react": f"{at['@graphiql/react']}?standalone&external={react_parts}",
        "@graphiql/toolkit": at["@graphiql/toolkit"] + "?standalone&external=graphql,graphql-ws",
        "graphql-ws": at["graphql-ws"] + "?standalone&external=graphql",
        "@emotion/is-prop-valid": "data:text/javascript,",
    }


def _policy(scripts: str, workers: str, other: str) -> str:
    """The editor sets styles on its elements, hence 'unsafe-inline' there; scripts are never inline but by hash."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"worker-src {workers}",
            f"style-src 'self' 'unsafe-inline'{other}",
            f"font-src 'self' data:{other}",
            f"img-src 'self' data:{other}",
            f"connect-src 'self'{other}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _inline_json(value: object) -> str:
    """JSON that can stand in a script element: no text in it can close the element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
