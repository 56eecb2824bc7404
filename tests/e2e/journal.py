"""What writers were told, held against what the database says has happened.

A deed is one change that a writer wanted, with all its tries. It leaves a token in the prompt's events: surely
once when it was acknowledged, perhaps when an answer was lost, never when the server said that nothing was written.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.invariants import Document, Records


@dataclass(frozen=True, slots=True)
class Deed:
    """A change of the prompt `name`; its token stands in the events from `least` to `most` times."""

    name: str
    token: str
    least: int
    most: int


@dataclass(slots=True)
class Journal:
    """One writer's. `texts` are those of acknowledged versions; `surprises` is what it should never have been told."""

    handle: str
    deeds: list[Deed] = field(default_factory=list)
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    acknowledged: int = 0
    doubtful: int = 0
    refused: int = 0
    unavailable: int = 0


def compare_journal(journal: Journal, records: dict[str, Records], actors: dict[str, str]) -> Iterator[str]:
    """What the writer was told and is not so. `actors` are the handles of actors by their ids."""
    yield from journal.surprises
    by_name = {record.events[0]["after"]["name"]: record for record in records.values() if record.events}
    wanted: dict[str, list[Deed]] = defaultdict(list)
    for deed in journal.deeds:
        wanted[deed.name].append(deed)
    for name, record in by_name.items():
        mine = [event for event in record.events if actors.get(event["actor"]) == journal.handle]
        tokens = "".join(token_of(event) + ";" for event in mine)
        pattern = "".join(f"(?:{re.escape(deed.token)};){{{deed.least},{deed.most}}}" for deed in wanted[name])
        if not re.fullmatch(pattern, tokens):
            yield f"{journal.handle} on {name}: wanted {pattern!r}, and the events say {tokens!r}"
    for name in wanted.keys() - by_name.keys():
        if any(deed.least for deed in wanted[name]):
            yield f"{journal.handle}: {name} was acknowledged, and is not there"
    for (name, number), text in journal.texts.items():
        held = by_name.get(name)
        if held and held.prompt and held.versions[number - 1]["template"] != {"text": text}:
            yield f"{journal.handle}: version {number} of {name} does not say {text!r}"


def token_of(event: Document) -> str:
    """What tells an event from the others of its prompt and writer."""
    change: dict[str, Any] = event["change"]
    match event["kind"]:
        case "version_created":
            return f"version {change['number']}"
        case "label_set":
            return f"label {change['label']} {change['to']}"
        case "rated":
            return f"rated {change['version']} {change['score']}"
        case "updated":
            return f"title {change['title']['to']}"
    return str(event["kind"])
