"""Webhooks: requests to addresses that partners choose, so everything here distrusts both ends.

`addresses` says where no request goes, `client` opens connections that heed it, `signing` has the secrets and the
signatures of Standard Webhooks, `bodies` writes what is told, `sender` makes one attempt; these are the `setup`.
`intake` makes deliveries of events, `queue` keeps each prompt's in order, `course` serves one webhook and `deliverer`
all of them, in the one process that holds the lease. Below `operations`, which decides who may have a webhook and what
it may tell; imports store and domain.
"""
