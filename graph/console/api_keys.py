"""`promptgraph apikey`: who has the data directory is the administrator."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import typer

from graph.domain.actors import EVERYWHERE, Grant, Scope
from graph.domain.errors import InvalidInputError
from graph.operations.access import LOCAL_ACCESS, get_actors
from graph.operations.api_keys import NewKey, create_key, list_keys, revoke_key, rotate_key
from graph.operations.deps import Deps

USUAL_SCOPES = frozenset(Scope) - {Scope.KEYS_MANAGE, Scope.ACTORS_IMPERSONATE}


async def create_api_key(
    deps: Deps, name: str, scopes: Sequence[str], grants: Sequence[str], actor: str | None, expires_at: datetime | None
) -> int:
    """Makes a key; the secret goes to stdout alone, so that it can be piped."""
    wanted = [_scope(scope) for scope in scopes] or list(USUAL_SCOPES)
    held = [_grant(grant) for grant in grants] or EVERYWHERE
    made = await create_key(deps, LOCAL_ACCESS, name, wanted, held, actor, expires_at)
    _show(made)
    return 0


async def list_api_keys(deps: Deps) -> int:
    """A table with tabs: one line a key, under the names of the columns."""
    keys = await list_keys(deps, LOCAL_ACCESS)
    actors = await get_actors(deps, [key.actor_id for key in keys])
    typer.echo("\t".join(("ID", "STATE", "NAME", "ACTOR", "EXPIRES", "LAST USED", "SCOPES", "GRANTS")))
    for key in keys:
        state = "revoked" if key.revoked_at else "live" if key.is_live(deps.clock()) else "expired"
        reach = " ".join(f"{grant.folder or '/'}:{'write' if grant.can_write else 'read'}" for grant in key.grants)
        handle = actors[key.actor_id].handle if key.actor_id in actors else "-"
        times = [at.isoformat() if at else "never" for at in (key.expires_at, key.last_used_at)]
        typer.echo("\t".join((key.id, state, key.name, handle, *times, " ".join(sorted(key.scopes)), reach)))
    return 0


async def revoke_api_key(deps: Deps, key_id: str) -> int:
    """Ends the key."""
    key = await revoke_key(deps, LOCAL_ACCESS, key_id)
    typer.echo(f"Revoked {key.id} ({key.name}).")
    return 0


async def rotate_api_key(deps: Deps, key_id: str, overlap: timedelta) -> int:
    """Makes a key in the place of an older one; the secret goes to stdout alone."""
    done = await rotate_key(deps, LOCAL_ACCESS, key_id, overlap)
    ends = done.old.expires_at.isoformat() if overlap and done.old.expires_at else "now"
    typer.echo(f"The key {key_id} ends {ends}.", err=True)
    _show(done.new)
    return 0


def _show(made: NewKey) -> None:
    typer.echo(f"Key {made.key.id} for {made.key.name!r}. This is shown once; keep it well:", err=True)
    typer.echo(made.secret)


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        known = ", ".join(scope.value for scope in Scope)
        raise InvalidInputError(f"There is no scope {text!r}. The scopes are: {known}.", ("scope",)) from None


def _grant(text: str) -> Grant:
    folder, separator, right = text.rpartition(":")
    if not separator or right not in ("read", "write"):
        raise InvalidInputError(f"{text!r} is no grant: write FOLDER:read or FOLDER:write.", ("grant",))
    return Grant(folder.strip("/"), can_write=right == "write")
