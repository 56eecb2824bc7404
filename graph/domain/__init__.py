"""The nouns and their rules: prompts, versions, labels, ratings, actors, events, pages.

Everything here is frozen data and pure functions: no I/O, no framework, no clock. It imports the
standard library only. Go on to `templating` for rendering, to `store` for how it is kept.
"""
