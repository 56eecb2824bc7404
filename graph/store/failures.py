"""What the driver raises, told apart: a database that cannot answer now, one that refuses what it was asked, and one
that refuses this server's user, as after a change of the password.

Only the first passes by itself. A server tells it by a code, and in many ways; the driver knows some of them as the
answer to a command, but not as a part of one, where they are an error of one write or of its write concern.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.errors import BulkWriteError, ConnectionFailure, ExecutionTimeout, OperationFailure, WTimeoutError

UNANSWERED = (ConnectionFailure, ExecutionTimeout, WTimeoutError)

# Names as in MongoDB's own list of error codes.
_STEPPING_DOWN = {91, 189, 10058, 10107, 11600, 11602, 13435, 13436}
_NOT_READY = {94, 133, 134, 211}  # NotYetInitialized … ReadConcernMajorityNotAvailableYet, KeyNotFound (of clocks)
_UNREACHABLE = {6, 7, 89, 202, 279, 317, 9001}  # HostUnreachable … ConnectionPoolExpired, SocketException
_INTERRUPTED = {24, 46, 175, 237, 262, 290, 355, 11601, 46841}  # LockTimeout, QueryPlanKilled … ClientMarkedKilled
_CURSOR_LOST = {43, 136}  # CursorNotFound, CappedPositionLost
_TRANSACTION_LOST = {112, 225, 239, 246, 251, 267}  # WriteConflict, TransactionTooOld, Snapshot…, NoSuchTransaction …
_NOT_REPLICATED = {64, 100}  # WriteConcernTimeout, UnsatisfiableWriteConcern
_OVERLOADED = {50, 261, 365, 462, 14031}  # MaxTimeMSExpired … TemporarilyUnavailable … OutOfDiskSpace
PASSING_CODES = frozenset(
    _STEPPING_DOWN
    | _NOT_READY
    | _UNREACHABLE
    | _INTERRUPTED
    | _CURSOR_LOST
    | _TRANSACTION_LOST
    | _NOT_REPLICATED
    | _OVERLOADED
)
AUTHENTICATION_FAILED, UNAUTHORIZED = 18, 13
REFUSING_CODES = frozenset({AUTHENTICATION_FAILED, UNAUTHORIZED})
PASSING_LABELS = (
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
    "RetryableWriteError",
    "RetryableError",
    "SystemOverloadedError",
)


def is_passing(error: BaseException) -> bool:
    """True when the same may well succeed in a moment: nothing was wrong with what was asked."""
    if isinstance(error, UNANSWERED):
        return True
    if not isinstance(error, OperationFailure):
        return False
    return any(map(error.has_error_label, PASSING_LABELS)) or not PASSING_CODES.isdisjoint(_codes(error))


def is_refusing_us(error: OperationFailure) -> bool:
    """True when the database lets this server's user in no more: its operator can mend that, no caller can."""
    return not REFUSING_CODES.isdisjoint(_codes(error))


def _codes(error: OperationFailure) -> Iterator[int | None]:
    """Its own, and where it is one of many writes, theirs."""
    yield error.code
    if isinstance(error, BulkWriteError):
        details: Mapping[str, Any] = error.details or {}
        for part in (*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())):
            yield part.get("code")
