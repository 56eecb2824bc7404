"""The filter of a list of prompts, as MongoDB has it."""

from graph.domain.queries import PromptFilter
from graph.store.codec import Document
from graph.store.visibility import Filter, both, under_folder


def matching(where: PromptFilter) -> Filter:
    """All that is asked must hold; what is None is not asked, and of an empty list nothing holds."""
    fields: Document = {
        "tags": where.tags,
        "author": where.author_ids,
        "category": where.categories,
        "labels.name": where.labels,
        "name": where.names,
        "includes": where.includes,
    }
    asked: list[Filter] = [{field: {"$in": list(values)}} for field, values in fields.items() if values is not None]
    if where.folders is not None:
        roads = [under_folder(folder) for folder in where.folders]
        asked.append({"$or": roads} if roads else {"_id": {"$in": []}})
    if not where.include_archived:
        asked.append({"archived_at": None})
    if where.number is not None and where.labels is not None:
        asked.append({"labels": {"$elemMatch": {"name": {"$in": list(where.labels)}, "version": where.number}}})
    if where.number is not None:
        asked.append({"latest": {"$gte": where.number}})
    if where.latest is not None:
        asked.append({"latest": where.latest})
    if where.updated_from is not None:
        asked.append({"updated_at": {"$gte": where.updated_from}})
    if where.updated_before is not None:
        asked.append({"updated_at": {"$lt": where.updated_before}})
    return both(*asked)
