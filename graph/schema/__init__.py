"""GraphQL and nothing else: types, resolvers of a few lines, and the schema that is built of them.

A resolver translates and decides nothing; the operation behind it does. May import operations, templating and
domain. Start at `build.py`; the query root is `query.py`, the nouns are in `types`, the deeds in `mutations`.
A docstring here is a description in the schema, so it is written for those who call the API.
"""
