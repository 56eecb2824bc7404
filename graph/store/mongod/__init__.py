"""A private MongoDB: one mongod, a replica set of one, reached by a unix socket in the data directory.

The first command that uses a data directory starts a *keeper*, a small process of its own session that
starts mongod, starts it again when it crashes, and stops it when the last user has left. Three files in
the data directory say who is there, by `flock`, which the kernel gives back however a process ends:

    users.lock    shared by every command that uses the database; the keeper takes it alone, which it
                  can only when nobody is left, and holds it until mongod has stopped
    keeper.lock   held by the keeper and by its mongod, so that there is one of each, and a new one
                  starts only when the old ones are truly gone
    mongod.sock   where mongod listens; there is no TCP port

So a second command finds a database that runs, two that start at once make one, and one that comes while
the keeper leaves waits a moment and starts the next. A keeper that is killed takes its mongod with it
(PDEATHSIG), and the users that are left start another.

Imports the standard library and pymongo, nothing of ours. Begin at `attachment.py`.
"""
