"""Questions for the search index: what a caller asks, in the index's words, and what came back, in the caller's.

`search.py` makes the question and reads the page, `filters.py` has the rules of what may be asked, `facets.py` tells
which values are chosen, `cursors.py` marks places in an answer, `highlights.py` shows why a prompt was found. Pure
functions: the index is asked by `operations/discovery.py`. It imports the domain and `search_sync.index`.
"""
