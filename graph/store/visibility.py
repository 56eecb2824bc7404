"""The rule of sight as MongoDB filters. `Access.may_read` in the domain is the same rule for one prompt."""

from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.prompts import Visibility

Filter = dict[str, Any]

NOTHING: Filter = {"_id": {"$in": []}}


def under_folder(folder: str) -> Filter:
    """Names in a folder, as a range that the index on names answers: `0` is what follows `/`."""
    return {"name": {"$gte": folder + "/", "$lt": folder + "0"}}


def readable(access: Access) -> Filter:
    """What the caller may see."""
    roads: list[Filter] = []
    if access.has(Scope.PROMPTS_READ):
        if any(not grant.folder for grant in access.grants):
            return {}
        roads += [under_folder(grant.folder) for grant in access.grants]
    if access.reads_public:
        roads.append({"visibility": Visibility.PUBLIC.value})
    return _any_of(roads)


def writable(access: Access) -> Filter:
    """Where the caller may write."""
    if any(grant.can_write and not grant.folder for grant in access.grants):
        return {}
    return _any_of([under_folder(grant.folder) for grant in access.grants if grant.can_write])


def _any_of(roads: list[Filter]) -> Filter:
    if not roads:
        return NOTHING
    return roads[0] if len(roads) == 1 else {"$or": roads}


def both(*filters: Filter) -> Filter:
    """All of the filters at once, without one hiding another's keys."""
    said = [one for one in filters if one]
    return {"$and": said} if len(said) > 1 else (said[0] if said else {})
