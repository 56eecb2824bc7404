"""Keeps the search index in step with the store.

It knows MongoDB and the index, and nothing of GraphQL or of `graph`: what it needs of a prompt it reads out of the
documents (`projection.py`). `worker.py` draws the pipeline; `index/protocol.py` is the contract of an index.
"""
