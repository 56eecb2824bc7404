"""Mirrors a folder of prompts into a directory of files: python mirror.py http://127.0.0.1:8080 support ./prompts

PROMPTGRAPH_KEY holds a key with prompts:read and events:read; on your own machine there need be none.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

SERVER, FOLDER, PLACE = sys.argv[1], sys.argv[2], Path(sys.argv[3])
CURSOR, NEW = PLACE / ".cursor", PLACE / ".new"
HEADERS = {"Authorization": f"Bearer {key}"} if (key := os.environ.get("PROMPTGRAPH_KEY")) else {}
LIST = """query($folder: String!, $after: String) { prompts(filter: {folders: [$folder]}, first: 100, after: $after,
  orderBy: {field: NAME, direction: ASC}) { nodes { name } pageInfo { hasNextPage endCursor } } }"""


def get(path: str, **query: str) -> Any:
    """The JSON at a path; what is not there is empty."""
    try:
        with urlopen(Request(f"{SERVER}{path}?{urlencode(query)}", headers=HEADERS), timeout=90) as answer:
            told = json.load(answer)
    except HTTPError as error:
        if error.code == 404:
            return {}
        raise
    if "errors" in told:
        raise OSError(told["errors"][0]["message"])
    return told


def list_names() -> Iterator[str]:
    """Every prompt of the folder."""
    page: dict[str, Any] = {"hasNextPage": True}
    while page["hasNextPage"]:
        variables = json.dumps({"folder": FOLDER, "after": page.get("endCursor")})
        found = get("/graphql", query=LIST, variables=variables)["data"]["prompts"]
        yield from (node["name"] for node in found["nodes"])
        page = found["pageInfo"]


def file_of(name: str) -> Path:
    """Names may hold slashes, and be longer than a file's may."""
    quoted = quote(name, safe=" ")
    return PLACE / f"{quoted if len(quoted) < 200 else sha256(name.encode()).hexdigest()}.json"


def write(path: Path, text: str) -> None:
    """Whole or not at all, at whatever moment this is killed."""
    NEW.write_text(text, "utf-8")
    os.replace(NEW, path)


def refresh(name: str, is_there: bool) -> None:
    """Makes the file what the prompt is now, so that it does no harm to do it twice."""
    told = get("/prompts/" + quote(name, safe="")) if is_there else {}
    if told.get("name") == name:  # `a@7` that is gone may still be read as version 7 of `a`
        write(file_of(name), json.dumps(told, ensure_ascii=False, indent=1))
    else:
        file_of(name).unlink(missing_ok=True)


def follow() -> None:
    """Waits for changes and acts on them; without a cursor, looks where the feed is and copies everything."""
    if CURSOR.exists():
        told = get("/watch", after=CURSOR.read_text(), folder=FOLDER)
        changes = {change["name"]: change["isInScope"] for change in told["changes"]}
    else:
        told = get("/watch")
        changes = dict.fromkeys(list_names(), True)
        for path in set(PLACE.glob("*.json")) - {file_of(name) for name in changes}:
            path.unlink()
    for name, is_there in changes.items():
        refresh(name, is_there)
    write(CURSOR, told["cursor"])  # only now: what was not acted on is told again


PLACE.mkdir(parents=True, exist_ok=True)
while True:
    try:
        follow()
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError) and error.code == 410:  # we were away for too long: begin anew
            CURSOR.unlink(missing_ok=True)
        print(f"again in a second: {error}", file=sys.stderr)
        time.sleep(1)
