"""The mutations: one page each, with its input, payload, error union and resolver.

`inputs.py` has the inputs that several share, `outcome.py` turns the domain's errors into members of a payload's
union. A resolver reads its input into the domain's words, calls one operation and wraps the answer. May import
operations, domain and the types beside it; `graph/schema/mutation.py` puts the pages together.
"""
