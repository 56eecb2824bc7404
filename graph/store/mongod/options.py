"""How a private mongod is run: bounds, and the command line that they make."""

from dataclasses import dataclass
from pathlib import Path

from graph.store.mongod.directory import SOCKET, DataDirectory

REPLICA_SET = "promptgraph"
# The member's name in the replica set, and where it listens: relative to mongod's working directory, so that
# a data directory may be moved, and may have any path. The slash makes mongod take it for a socket.
MEMBER = f"./{SOCKET}"


@dataclass(frozen=True, slots=True)
class MongodOptions:
    """Bounds for the private mongod; whoever starts it first decides."""

    cache_gigabytes: float = 0.5
    oplog_megabytes: int = 512
    transaction_seconds: int = 5  # what a killed client's open transaction may hold, before it is undone
    history_seconds: int = 10  # how long dropped files stay open for readers of the past: nobody reads further back
    start_seconds: float = 60.0  # how long a user waits for it to be writable, also behind one that is stopping


def make_command(mongod: Path, directory: DataDirectory, options: MongodOptions) -> list[str]:
    """mongod's command line, to be run in the data directory."""
    parameters = {
        "diagnosticDataCollectionEnabled": "false",
        "transactionLifetimeLimitSeconds": options.transaction_seconds,
        "minSnapshotHistoryWindowInSeconds": options.history_seconds,
        "shutdownTimeoutMillisForSignaledShutdown": 100,  # there is no other member to hand over to
    }
    return [
        *(str(mongod), "--replSet", REPLICA_SET, "--dbpath", directory.database.name),
        # The only address is the socket; without this flag there would be a second one, in /tmp.
        *("--bind_ip", MEMBER, "--nounixsocket", "--filePermissions", "0700"),
        *("--networkMessageCompressors", "disabled", "--quiet"),
        *("--logpath", directory.mongod_log.name, "--logappend"),
        *("--wiredTigerCacheSizeGB", str(options.cache_gigabytes), "--oplogSize", str(options.oplog_megabytes)),
        # Journal files of 16 MB, not 100: three of them are made before the first start is done.
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB)"),
        *(word for name, value in parameters.items() for word in ("--setParameter", f"{name}={value}")),
    ]
