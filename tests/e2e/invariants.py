"""What must hold in the database whatever has happened to the processes around it, looked up directly.

Each rule is a function over one prompt's records; it yields what is wrong, in words.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.events import EventKind
from graph.domain.ratings import RatingSummary

Document = dict[str, Any]
KINDS = frozenset(kind.value for kind in EventKind)


@dataclass(slots=True)
class Records:
    """All that the database holds of one prompt; `prompt` is None when it has been deleted."""

    prompt: Document | None = None
    events: list[Document] = field(default_factory=list)
    archives: list[Document] = field(default_factory=list)
    ratings: list[Document] = field(default_factory=list)
    stats: list[Document] = field(default_factory=list)
    marks: list[Document] = field(default_factory=list)

    @property
    def versions(self) -> list[Document]:
        """The whole history, oldest first, as it lies on both sides of the seam."""
        buckets = sorted(self.archives, key=lambda bucket: bucket["first"])
        embedded = self.prompt["versions"] if self.prompt else []
        return [version for bucket in buckets for version in bucket["versions"]] + embedded

    def told(self, *kinds: str) -> list[Document]:
        """The events of these kinds, in order."""
        return [event for event in self.events if event["kind"] in kinds]


async def read_records(database: AsyncDatabase[Document]) -> dict[str, Records]:
    """Everything, by the prompt's id."""
    records: dict[str, Records] = {}
    async for prompt in database.prompts.find():
        records.setdefault(prompt["_id"], Records()).prompt = prompt
    async for mark in database.removals.find():
        records.setdefault(mark["_id"], Records()).marks.append(mark)
    for collection, name in (
        ("events", "events"),
        ("version_archives", "archives"),
        ("ratings", "ratings"),
        ("version_stats", "stats"),
    ):
        async for document in database[collection].find().sort([("prompt_id", 1), ("rev", 1), ("_id", 1)]):
            getattr(records.setdefault(document["prompt_id"], Records()), name).append(document)
    return records


def find_faults(records: dict[str, Records]) -> list[str]:
    """What is wrong anywhere; nothing, when all is well."""
    return [
        f"{prompt_id}: {fault}" for prompt_id, record in records.items() for rule in RULES for fault in rule(record)
    ]


def check_events(record: Records) -> Iterator[str]:
    """One event for each revision from 1, each beginning where the one before has ended."""
    revisions = [event["rev"] for event in record.events]
    if revisions != list(range(1, len(revisions) + 1)):
        yield f"its events have the revisions {revisions}"
    kinds = [event["kind"] for event in record.events]
    if not set(kinds) <= KINDS or kinds[:1] != ["created"] or "created" in kinds[1:] or "deleted" in kinds[:-1]:
        yield f"its events are {kinds}"
    for before, after in zip(record.events, record.events[1:], strict=False):
        if after["before"] != before["after"]:
            yield f"event {after['rev']} begins where event {before['rev']} has not ended"
    if record.prompt and record.prompt["rev"] != len(revisions):
        yield f"it is at revision {record.prompt['rev']}, and has {len(revisions)} events"


def check_removal(record: Records) -> Iterator[str]:
    """A prompt is there unless an event says that it was deleted; then nothing of it is, or is marked to be cleared."""
    is_deleted = bool(record.told("deleted"))
    if is_deleted == (record.prompt is not None):
        yield f"it is {'deleted and' if is_deleted else 'not deleted, and not'} there"
    if record.prompt and record.marks:
        yield "it is marked to be cleared, and there"
    if is_deleted and not record.marks and (record.archives or record.ratings or record.stats):
        yield "something of it is left"


def check_versions(record: Records) -> Iterator[str]:
    """Numbers are gapless from 1 across the seam, each with its event, and the prompt knows the last one."""
    told = [1, *(event["change"]["number"] for event in record.told("version_created"))]
    if told != list(range(1, len(told) + 1)):
        yield f"its events tell of the versions {told}"
    if record.prompt is None:
        return
    numbers = [version["number"] for version in record.versions]
    if numbers != told:
        yield f"it has the versions {numbers}, and its events tell of {len(told)}"
        return
    embedded, last = record.prompt["versions"], record.versions[-1]
    if (record.prompt["latest"], record.prompt["latest_digest"]) != (last["number"], last["digest"]):
        yield f"it takes {record.prompt['latest']} for its latest, not {last['number']}"
    if record.prompt["history"] != {"count": len(embedded), "size": sum(version["size"] for version in embedded)}:
        yield f"it counts its own versions as {record.prompt['history']}"
    for bucket in record.archives:
        held = [version["number"] for version in bucket["versions"]]
        if held != list(range(bucket["first"], bucket["last"] + 1)):
            yield f"a bucket from {bucket['first']} to {bucket['last']} holds {held}"


def check_facts(record: Records) -> Iterator[str]:
    """Labels, title and archive are what the events have made of them."""
    if record.prompt is None:
        return
    labels: dict[str, int] = {}
    for event in record.told("label_set", "label_removed"):
        name = event["change"]["label"]
        if labels.pop(name, None) != event["change"]["from"]:
            yield f"event {event['rev']} moves {name} from where it was not"
        if event["change"]["to"] is not None:
            labels[name] = event["change"]["to"]
    if labels != {label["name"]: label["version"] for label in record.prompt["labels"]}:
        yield f"its labels are {record.prompt['labels']}, and its events say {labels}"
    titles = [event["change"]["title"]["to"] for event in record.told("updated") if "title" in event["change"]]
    if titles and record.prompt["title"] != titles[-1]:
        yield f"its title is {record.prompt['title']!r}, and its events say {titles[-1]!r}"
    moves = record.told("archived", "unarchived")
    is_archived = bool(moves) and moves[-1]["kind"] == "archived"
    if is_archived != (record.prompt["archived_at"] is not None):
        yield "it is archived, or not, against its events"


def check_ratings(record: Records) -> Iterator[str]:
    """The ratings are the last that each rater gave, and every summary is the sum of them."""
    if record.prompt is None:
        return
    held = {rating["rater"]: (rating["version"], rating["score"]) for rating in record.ratings}
    told: dict[str, tuple[int, int]] = {}
    for event in record.told("rated", "unrated"):
        if (told.pop(event["actor"], (0, None))[1]) != event["change"]["from"]:
            yield f"event {event['rev']} replaces a rating that was not there"
        if event["kind"] == "rated":
            told[event["actor"]] = (event["change"]["version"], event["change"]["score"])
    if held != told:
        yield f"its ratings are {held}, and its events say {told}"
    summary = RatingSummary()
    for _, score in held.values():
        summary = summary.plus(score)
    should = {"histogram": list(summary.histogram), "count": summary.count, "sum": summary.sum}
    if record.prompt["rating"] != should | {"wilson": summary.wilson}:
        yield f"its rating is {record.prompt['rating']}, and its ratings sum up to {should}"
    counted = Counter(held.values())
    stats = {
        (one["number"], int(score)): count for one in record.stats for score, count in one["ratings"].items() if count
    }
    if stats != dict(counted):
        yield f"its versions' ratings are counted as {stats}, and are {dict(counted)}"


RULES = (check_events, check_removal, check_versions, check_facts, check_ratings)
