"""Where mongod is, and what to type when it cannot run."""

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from graph.store.mongod.errors import MongodMissingError

# What a mongod for Ubuntu 22.04 links and a small Debian may lack, and the package that has it.
_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "liblzma.so.5": "liblzma5",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
}
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: ([^:\s]+): cannot open")


def find_mongod() -> Path:
    """The mongod on PATH, else the one that the extra `standalone` has installed."""
    found = shutil.which("mongod") or _find_installed()
    if found is None:
        raise MongodMissingError(
            "No mongod was found. Do one of these:\n"
            "  - install one beside Promptgraph (x86-64 Linux): pip install 'promptgraph[standalone]'\n"
            "  - put a mongod, 6.0 to 8.x, on PATH\n"
            "  - name a MongoDB that runs: PROMPTGRAPH_MONGODB_URL=mongodb://…\n"
            "  - run everything in containers: docker compose up"
        )
    return Path(found)


def _find_installed() -> Path | None:
    # The package of that name is looked up and not imported: all we want of it is a file.
    spec = find_spec("fiftyone")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        mongod = Path(place, "db", "bin", "mongod")
        if os.access(mongod, os.X_OK):
            return mongod
    return None


def explain_missing_library(output: str) -> str | None:
    """The line to type when `output`, mongod's own, tells of a shared library that is not there."""
    match = _MISSING_LIBRARY.search(output)
    if match is None:
        return None
    package = _PACKAGES.get(match[1])
    remedy = (
        f"Type this, then try again:\n  sudo apt-get install -y {package}" if package else "Install it, then try again."
    )
    return f"mongod cannot start: the library {match[1]} is not on this machine. {remedy}"
