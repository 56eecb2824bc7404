"""The wire: what a request may be, and how an answer is written. It decides nothing about prompts.

`graphql.py` is the endpoint; a request passes `origin` (who may call from where), `auth` (which key),
`parameters` (is it a GraphQL request), `bounds` and `documents` (is the query affordable and valid, and
is it known already), and comes back through `errors` (what a caller may see) and `negotiation`
(media type). `routes.py` reads aloud what is served where, `middleware.py` wraps all of it.

Other tools' APIs are `gateway.py` (OpenAI's), `langfuse/` and `litellm/`; `faces.py` joins the last two, and `face.py`
is what they share. `plain.py` is for programs that only fetch.

May import `graph.schema` and what lies below it. Go on to `graph/schema` for what the queries mean.
"""
