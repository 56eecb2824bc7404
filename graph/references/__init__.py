"""Telling those that include a prompt when it has changed: one process at a time follows the feed and writes events.

It imports `graph.store` and what lies below. `graph.reference_events` starts it in a server.
"""
