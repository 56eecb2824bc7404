"""Search indexes: one protocol and its implementations, which pass one contract suite.

`protocol.py` says what every index promises, `document.py` what it holds, `words.py` what a word is and when two
match. `memory.py` is the meaning of the protocol, `tantivy.py` the one in process, `meilisearch.py` the server.
"""
