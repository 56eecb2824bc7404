"""What a change of the schema would break for those who use it."""

from graphql import build_schema, find_breaking_changes


def breaking_changes(old_sdl: str, new_sdl: str) -> list[str]:
    """Each change from the old schema to the new one that an existing client could trip over, as a sentence."""
    changes = find_breaking_changes(build_schema(old_sdl), build_schema(new_sdl))
    return [f"{change.type.name}: {change.description}" for change in changes]
