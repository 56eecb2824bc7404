"""Promptgraph's API: a prompt registry over GraphQL and MongoDB.

The rooms, in the one direction in which they may import:
cli → server, console → standalone → app → http → schema → operations → store, or exchange → templating → domain.
Start reading at `app.py`, where all of them are joined.
"""
