"""Webhooks: requests to addresses that partners choose, so everything here distrusts both ends.

`addresses` says where no request goes, `client` opens connections that heed it, `signing` has the secrets and the
signatures of Standard Webhooks, `sender` makes one attempt and tells how it went. Below `operations`, which decides who
may have a webhook; imports store and domain.
"""
