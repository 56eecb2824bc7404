"""What can keep the private database from starting. Each message says what to do, and is fit to be printed.

PrivateMongodError
├── MongodMissingError    there is no mongod to run
├── MongodFailedError     it ran and ended, or did not come up in time
└── DataDirectoryError    the directory is not one that we may use
"""


class PrivateMongodError(Exception):
    """The private database cannot be had; the message is for the person at the terminal."""


class MongodMissingError(PrivateMongodError):
    """No mongod on PATH, and none installed beside us."""


class MongodFailedError(PrivateMongodError):
    """A mongod was found, and does not serve."""


class DataDirectoryError(PrivateMongodError):
    """The data directory belongs to somebody else, or holds something else."""
