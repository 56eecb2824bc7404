"""The truth, in MongoDB: documents in, domain objects out, each change atomic with its event.

`store.py` joins the parts, `database.py` bounds and translates every call, `codec.py` knows how the nouns lie
in documents, `visibility.py` says who may see what. May import the domain only. Rules are decided in
`operations` and in the domain; here they are made to hold under concurrency, crashes and lost connections.
"""
