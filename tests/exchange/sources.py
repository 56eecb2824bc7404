"""Files in memory, as an importer gets them."""

from datetime import UTC, datetime

from graph.exchange.entries import Entry, Refused, Snapshot
from graph.exchange.source import SourceFile

WRITTEN = datetime(2026, 1, 30, 12, tzinfo=UTC)


def source_of(text: str, path: str = "greet.prompt") -> SourceFile:
    return SourceFile(tuple(path.split("/")), text.encode(), WRITTEN, 64)


def as_snapshot(entry: Entry) -> Snapshot:
    assert isinstance(entry, Snapshot), entry
    return entry


def as_refused(entry: Entry) -> Refused:
    assert isinstance(entry, Refused), entry
    return entry
