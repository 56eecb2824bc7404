"""The command `promptgraph`: parsing only; what a command does lives in the rooms."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from graph.console.api_keys import create_api_key, list_api_keys, revoke_api_key, rotate_api_key
from graph.console.audit import run_audit_list, run_audit_verify
from graph.console.exports import ExportFormat, run_export
from graph.console.imports import run_import
from graph.console.reindex import run_reindex
from graph.console.verify import run_verify
from graph.console.worker import run_worker
from graph.domain.errors import PromptgraphError
from graph.exchange.formats import ImportFormat
from graph.logs import configure_logs
from graph.operations.deps import Deps
from graph.registry import open_registry
from graph.setting_slips import find_slips
from graph.settings import Settings
from graph.standalone import registry_database
from graph.store.mongod.errors import PrivateMongodError

app = typer.Typer(
    help="A prompt registry: versioned, discoverable, rateable, renderable prompts over GraphQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Make, list, rotate and revoke API keys.", no_args_is_help=True)
app.add_typer(keys, name="apikey")
audit = typer.Typer(help="Check and read the record of who did what.", no_args_is_help=True)
app.add_typer(audit, name="audit")

Timeout = Annotated[
    float | None, typer.Option(min=0, help="Seconds to wait in all, then give up. If none: as long as it goes on.")
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where the private database and the embedded index lie.", show_default="./.promptgraph"
    ),
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.", show_default="8080")] = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the API until Ctrl-C. Without a configured MongoDB, a private one is started."""
    settings = _settings(host=host, port=port, data_dir=data_dir)
    configure_logs(settings.log_level)
    from graph.server import serve_forever  # noqa: PLC0415  # half of a second, which no other command needs

    _run(serve_forever(settings))


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Keep the search index in step, apart from the servers, until Ctrl-C."""
    settings = _settings(data_dir=data_dir)
    configure_logs(settings.log_level)
    _run(_with_database(settings, lambda url: run_worker(settings, url)))


@app.command()
def reindex(timeout: Timeout = None, data_dir: DataDir = None) -> None:
    """Build the search index anew. Searches go on meanwhile, and a server may run.

    Exit 2 when it could not be built, also when the index has not answered for a minute and nothing went on.
    Ctrl-C withdraws the order.
    """
    settings = _settings(data_dir=data_dir)
    configure_logs("error")
    _run(_with_database(settings, lambda url: run_reindex(settings, url, timeout)))


@app.command()
def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Write what differs to the index.")] = False,
    timeout: Timeout = None,
    data_dir: DataDir = None,
) -> None:
    """Compare the search index with the database, prompt by prompt.

    Exit 1 when something differs, 2 when it could not be compared, also when the index has not answered for a minute
    and nothing went on. Ctrl-C withdraws the order.
    """
    settings = _settings(data_dir=data_dir)
    configure_logs("error")
    _run(_with_database(settings, lambda url: run_verify(settings, url, repair, timeout)))


@app.command("import")
def import_(
    path: Annotated[
        Path,
        typer.Argument(
            help="A .csv, .json, .jsonl, .md, .prompt or .prompty file, or a folder of .md, .prompt and .prompty files."
        ),
    ],
    form: Annotated[
        ImportFormat | None, typer.Option("--format", help="The format, where the file does not look like it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and write nothing.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring prompts in. A second run of the same file writes nothing.

    Exit 1 when some entries were refused, each with its line and reason, 2 when the file as a whole cannot be read, or
    the database has not answered for half a minute.
    """
    _run(_with_registry(data_dir, lambda deps: run_import(deps, path, form=form, dry_run=dry_run)))


@app.command()
def export(
    path: Annotated[str, typer.Argument(help="A file, a folder for Markdown, or - for standard output.")] = "-",
    form: Annotated[
        ExportFormat, typer.Option("--format", help="`jsonl`, with all history, or `markdown`.")
    ] = ExportFormat.JSONL,
    folder: Annotated[str | None, typer.Option(help="Only this folder and all below it.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write prompts out. Ratings, events and keys stay behind."""
    _run(_with_registry(data_dir, lambda deps: run_export(deps, path, form, folder)))


@app.command()
def schema(
    check: Annotated[Path | None, typer.Option(help="Compare with this file instead: exit 1 when it differs.")] = None,
    against: Annotated[Path | None, typer.Option(help="With --check: exit 1 when it breaks this older schema.")] = None,
    changelog: Annotated[Path | None, typer.Option(help="With --against: a break quoted in here passes.")] = None,
) -> None:
    """Print the GraphQL schema, or check the committed one."""
    from graph.console.schema import check_schema, show_schema  # noqa: PLC0415  # as for `serve`

    raise typer.Exit(check_schema(check, against, changelog) if check else show_schema())


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="A scope; repeat it. If none: all but keys:manage and actors:impersonate.")
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(help="FOLDER:read or FOLDER:write; repeat it. Everything to write if none."),
    ] = None,
    actor: Annotated[str | None, typer.Option(help="The service account that acts with it.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days until it ends.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and show it, this once."""
    ends = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None
    _run(_with_registry(data_dir, lambda deps: create_api_key(deps, name, scope or [], grant or [], actor, ends)))


@keys.command("list")
def list_(data_dir: DataDir = None) -> None:
    """Show all keys, without their secrets."""
    _run(_with_registry(data_dir, list_api_keys))


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")], data_dir: DataDir = None
) -> None:
    """End a key at once."""
    _run(_with_registry(data_dir, lambda deps: revoke_api_key(deps, key_id)))


@keys.command("rotate")
def rotate(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")],
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=8_760, help="How long the old key works on; 0 ends it at once.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Make a new key for the same actor, scopes and grants, show it this once, and end the old one."""
    overlap = timedelta(hours=overlap_hours)
    _run(_with_registry(data_dir, lambda deps: rotate_api_key(deps, key_id, overlap)))


@audit.command("verify")
def audit_verify(
    known: Annotated[
        str | None, typer.Option(help="A head that was printed earlier and kept elsewhere, NUMBER:HASH.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Follow the chain of all records: exit 1 and name the first that was altered, removed or put elsewhere."""
    settings = _settings(data_dir=data_dir)
    configure_logs("warning")
    _run(_with_database(settings, lambda url: run_audit_verify(settings, url, known)))


@audit.command("list")
def audit_list(
    count: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 50, data_dir: DataDir = None
) -> None:
    """Show the newest records."""
    _run(_with_registry(data_dir, lambda deps: run_audit_list(deps, count)))


async def _with_database(settings: Settings, work: Callable[[str], Awaitable[int]]) -> int:
    """Runs `work` on the database's URL, whether or not a server runs on it."""
    async with registry_database(settings) as url:
        return await work(url)


async def _with_registry(data_dir: Path | None, work: Callable[[Deps], Awaitable[int]]) -> int:
    """Runs `work` on the registry, whether or not a server runs on it."""
    settings = _settings(data_dir=data_dir)
    configure_logs("warning")
    async with registry_database(settings) as url, open_registry(settings, url) as deps:
        return await work(deps)


def _settings(**given: Any) -> Settings:
    for name, meant in find_slips(os.environ):
        typer.echo(f"{name} is no setting, so it changes nothing. Is {meant} meant?", err=True)
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for fault in error.errors():
            name = "__".join(str(part) for part in fault["loc"]).upper()
            typer.echo(f"PROMPTGRAPH_{name}: {fault['msg']}.", err=True)
        raise typer.Exit(2) from None


def _run(work: Any) -> None:
    """Exits with the code that the work answers with; an error that tells what to do is told, without a trace."""
    try:
        code = asyncio.run(work)
    except (PromptgraphError, PrivateMongodError) as error:
        typer.echo(f"promptgraph: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)


def main() -> None:
    """The console script."""
    app(prog_name="promptgraph")


if __name__ == "__main__":
    main()
