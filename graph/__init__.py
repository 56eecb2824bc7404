"""Promptgraph's API: a prompt registry over GraphQL and MongoDB.

The rooms, in the one direction in which they may import:
cli → standalone → app → http → schema → operations → store | templating → domain.
Start reading at `app.py`, where all of them are joined.
"""
