"""The indexes, made when the store is opened; making one that exists costs nothing."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from graph.store.database import Database

INDEXES = {
    "prompts": [
        IndexModel([("name", ASCENDING)], name="name", unique=True),
        IndexModel([("updated_at", DESCENDING), ("_id", DESCENDING)], name="updated_at"),
        IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="created_at"),
        IndexModel([("tags", ASCENDING)], name="tags"),
        IndexModel([("category", ASCENDING)], name="category"),
        IndexModel([("author", ASCENDING)], name="author"),
        IndexModel([("labels.name", ASCENDING)], name="labels"),
        IndexModel([("includes", ASCENDING)], name="includes"),
    ],
    "references": [
        IndexModel([("targets", ASCENDING)], name="targets"),
        IndexModel([("prompt_id", ASCENDING)], name="prompt"),
    ],
    "version_archives": [
        IndexModel([("prompt_id", ASCENDING), ("last", ASCENDING)], name="prompt_last", unique=True),
    ],
    "ratings": [
        IndexModel([("prompt_id", ASCENDING), ("created_at", DESCENDING), ("rater", DESCENDING)], name="prompt"),
        IndexModel([("rater", ASCENDING)], name="rater"),
    ],
    "version_stats": [IndexModel([("prompt_id", ASCENDING)], name="prompt")],
    "feedback": [IndexModel([("prompt_id", ASCENDING)], name="prompt")],
    "removals": [IndexModel([("at", ASCENDING)], name="at")],
    "renders": [IndexModel([("prompt_id", ASCENDING), ("hour", DESCENDING)], name="prompt")],
    "events": [
        # Events that have no number yet are found by it as well: they lie together under null.
        IndexModel([("seq", ASCENDING)], name="seq"),
        IndexModel([("prompt_id", ASCENDING), ("rev", DESCENDING)], name="prompt"),
        IndexModel(
            [("prompt_id", ASCENDING), ("change.label", ASCENDING), ("rev", DESCENDING)],
            name="label",
            partialFilterExpression={"change.label": {"$exists": True}},
        ),
        IndexModel(
            [("change.cause", ASCENDING), ("prompt_id", ASCENDING)],
            name="cause",
            unique=True,
            partialFilterExpression={"change.cause": {"$exists": True}},
        ),
    ],
    "webhooks": [
        IndexModel([("owner", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="owner"),
    ],
    "webhook_deliveries": [
        IndexModel([("webhook", ASCENDING), ("_id", DESCENDING)], name="webhook"),
        IndexModel(
            [("webhook", ASCENDING), ("state", ASCENDING), ("run", ASCENDING), ("_id", ASCENDING)], name="state"
        ),
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
    ],
    "actors": [IndexModel([("kind", ASCENDING), ("handle", ASCENDING)], name="handle", unique=True)],
    "api_keys": [
        IndexModel([("sha256", ASCENDING)], name="sha256", unique=True),
        IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="created_at"),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Makes what is missing. Collections come into being with their indexes, before any transaction needs them."""
    for name, models in INDEXES.items():
        with database.bounded():
            await database.collection(name).create_indexes(models)
