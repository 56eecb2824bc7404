"""Ids that no prompt of ours has: whoever writes to the collection by hand may make one of any type."""

from typing import Any, Self


class StrangeId(str):
    """An id that is no text, as no prompt of ours has: told by its look, so that it can be handled as every other.

    `raw` is what it is in MongoDB.
    """

    raw: Any

    def __new__(cls, raw: Any) -> Self:
        """Of what MongoDB holds."""
        made = super().__new__(cls, repr(raw))
        made.raw = raw
        return made


def read_id(raw: Any) -> str:
    """An id out of MongoDB, whatever it is there."""
    return raw if isinstance(raw, str) else StrangeId(raw)


def write_id(one: Any) -> Any:
    """The inverse of `read_id`: the id as MongoDB knows it."""
    return one.raw if isinstance(one, StrangeId) else one
