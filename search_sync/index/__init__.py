"""Search indexes: one protocol and its implementations, which pass one contract suite.

`protocol.py` says what every index promises, `document.py` what it holds, `words.py` what a word is and when two
match, `relevance.py` how hits are ranked and `similarity.py` how neighbours are. `memory.py` is the meaning of the
protocol, `tantivy.py` the one in process, `meilisearch.py` the server. Nothing else of this project is imported here.
"""
