"""Langfuse's public prompt API, version 2: its SDKs, and LiteLLM's `langfuse/…` models, are the clients.

`routes.py` reads aloud what is served; `prompts.py` are the handlers, `reading.py` brings what a client sends into the
domain's words and `answers.py` what it gets into Langfuse's; `errors.py` is the shape of its errors, and `session.py`
what clients ask besides prompts. Every handler calls the operations that GraphQL calls.

May import what `graph.http` may. Go on to `docs/decisions` for where the two models differ.
"""
