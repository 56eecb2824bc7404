"""The provider of models: what speaks OpenAI's protocol to it, and `echo`, which needs none.

May import the domain and the checks, which know what keys look like, and nothing else of ours. `protocol` says what an
upstream is; start there.
"""
