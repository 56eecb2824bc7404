"""The key that signs cursors and tokens: made once and kept here, so that every process reads the others' cursors."""

import secrets

from graph.store.database import Database

KEY_BYTES = 32


async def signing_key(database: Database) -> bytes:
    """The registry's own key, made by whoever asks first."""
    with database.bounded():
        document = await database.collection("secrets").find_one_and_update(
            {"_id": "signing"},
            {"$setOnInsert": {"key": secrets.token_bytes(KEY_BYTES)}},
            upsert=True,
            return_document=True,
        )
    assert document is not None, "an upsert answers with what is there"
    return bytes(document["key"])
