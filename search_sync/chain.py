"""The hash chain of the events: each record's hash covers its content and the hash of the record before it.

    hash = SHA-256(hash of the one before, as 64 hexadecimal digits ‖ canonical content), as 64 hexadecimal digits

The canonical content is the document without its `hash`, as JSON in UTF-8: keys sorted, no spaces, nothing escaped
that need not be, times as milliseconds since 1970 in `{"$date": …}`. Whoever alters, removes or reorders a record
has to compute all hashes after it anew. Who may write to the database can do that: keep a head elsewhere to compare.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import json_util

Document = dict[str, Any]

GENESIS = "0" * 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def link(previous: str, document: Document) -> str:
    """The hash of a record that has its `seq`, following the one whose hash is `previous`."""
    content = {name: value for name, value in document.items() if name != "hash"}
    return hashlib.sha256(previous.encode() + canonical(content)).hexdigest()


def canonical(document: Document) -> bytes:
    """The same bytes for the same content, whatever the order of its keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {"$date": (aware - _EPOCH) // timedelta(milliseconds=1)}
    return json_util.default(value)
