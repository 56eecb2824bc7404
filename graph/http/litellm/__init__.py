"""LiteLLM: its generic prompt management API, and its own `/prompts` for the tools that manage prompts there.

`management.py` serves what a LiteLLM fetches to fill in itself; `prompts.py` the `/prompts` paths, with `specs.py` for
how LiteLLM describes a prompt. `selection.py` reads its ids, `errors.py` is the shape of its errors. Every handler
calls the operations that GraphQL calls.

May import what `graph.http` may. Go on to `graph/exchange/dotprompt.py` for LiteLLM's files.
"""
