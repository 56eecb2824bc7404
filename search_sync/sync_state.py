"""The collection `sync_state`: leases with their checkpoints, orders, and the end of the chain of events."""

from typing import Any

from bson.codec_options import CodecOptions
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]

DURABLE = WriteConcern("majority", j=True)
MAJORITY = ReadConcern("majority")


def open_state(database: AsyncDatabase[Document]) -> AsyncCollection[Document]:
    """The collection, whose word no election takes back."""
    return database.get_collection(
        "sync_state", codec_options=CodecOptions(tz_aware=True), write_concern=DURABLE, read_concern=MAJORITY
    )
