"""What the product does: one module per noun, one function per deed. Every face calls these.

An operation checks the caller's rights, cleans the input by the domain's rules, decides, and lets the
store make it atomic. It raises the errors of the domain; paths in them are relative to the
operation's own input. May import store, templating and domain. Go on to `store` for how it is kept.
"""
