"""`promptgraph schema`: the SDL, and whether it is the committed one and breaks nobody."""

from pathlib import Path

import typer

from graph.schema.build import build_schema, print_sdl
from graph.schema.compatibility import breaking_changes


def show_schema() -> int:
    """Prints the schema."""
    typer.echo(print_sdl(build_schema()), nl=False)
    return 0


def check_schema(committed: Path, against: Path | None, changelog: Path | None) -> int:
    """0 when `committed` is what the code says and breaks no query written against `against`.

    A break passes when the changelog quotes it word for word, so that no one is made in passing.
    """
    built = print_sdl(build_schema())
    for path in (committed, against, changelog):
        if path and not path.is_file():
            typer.echo(f"There is no file {path}.", err=True)
            return 2
    if committed.read_text() != built:
        typer.echo(f"{committed} is not what the code says: `promptgraph schema > {committed}`.", err=True)
        return 1
    told = changelog.read_text() if changelog else ""
    untold = (
        [change for change in breaking_changes(against.read_text(), built) if change not in told] if against else []
    )
    for change in untold:
        typer.echo(f"Breaks callers, and the changelog does not say so: {change}", err=True)
    return 1 if untold else 0
