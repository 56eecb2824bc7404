"""Making a mongod the primary of a set of one, and waiting until it is."""

import asyncio
import socket
from typing import Any

import pymongo
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from graph.store.mongod.options import MEMBER, REPLICA_SET
from search_sync.driver import make_client

Document = dict[str, Any]

_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 5.0
_ALREADY = {23, 94}  # AlreadyInitialized, NotYetInitialized: another user was first, or it is still reading its own


async def is_listening(socket_path: str) -> bool:
    """Whether somebody accepts connections there; asked first, as a client would wait half a second between tries."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(probe, socket_path)
        except OSError:
            return False
    return True


async def become_primary(uri: str) -> bool:
    """Whether the mongod there is writable; when it has no replica set yet, it gets one.

    False when it has gone away meanwhile.
    """
    async with make_client(uri) as client:
        try:
            with pymongo.timeout(_ANSWER_SECONDS):
                return await _wait_for_primary(client)
        except PyMongoError:
            return False


async def _wait_for_primary(client: AsyncMongoClient[Document]) -> bool:
    while not (hello := await client.admin.command("hello")).get("isWritablePrimary"):
        if "setName" not in hello:
            await _initiate(client)
        await asyncio.sleep(_POLL_SECONDS)
    return True


async def _initiate(client: AsyncMongoClient[Document]) -> None:
    try:
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": MEMBER}]})
    except OperationFailure as error:
        if error.code not in _ALREADY:
            raise
