"""Which labels only holders of `labels:protected` may move.

The setting holds until somebody says otherwise here; from then on the database does, for every process alike. It is
asked each time, so that no process goes by what was true before.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from graph.domain.actors import EVERYWHERE, Access, Scope
from graph.domain.audit import AuditKind
from graph.domain.denials import FolderForbiddenError
from graph.domain.errors import InvalidInputError, LabelProtectedError
from graph.domain.names import clean_label
from graph.operations.audit import new_record, note_refusal
from graph.operations.deps import Deps
from graph.operations.rights import require


async def protected_labels(deps: Deps) -> frozenset[str]:
    """The names of the protected labels, as they are now."""
    held = await deps.store.protected_labels.read()
    return deps.protected_labels if held is None else held


async def closed_labels(deps: Deps, access: Access) -> frozenset[str]:
    """The labels that the caller may not move; for who may move all of them, nothing is asked."""
    return frozenset() if access.has(Scope.LABELS_PROTECTED) else await protected_labels(deps)


@contextmanager
def noting_protected(deps: Deps, access: Access) -> Iterator[None]:
    """Keeps the record of who tried to move a protected label, or to take it away."""
    try:
        yield
    except LabelProtectedError as error:
        note_refusal(deps, access, f"label {error.name}", error.code)
        raise


async def list_protected_labels(deps: Deps, access: Access) -> list[str]:
    """The same by name, for those who may read."""
    require(access, Scope.PROMPTS_READ)
    return sorted(await protected_labels(deps))


async def protect_label(deps: Deps, access: Access, name: str) -> list[str]:
    """Protects the labels of this name on every prompt; answers with the names of all that are.

    It changes what every other key may do, in every folder, so it takes `keys:manage` and a grant to write everywhere.
    Raises InvalidInputError.
    """
    _require_everywhere(access)
    record = new_record(deps, access, AuditKind.LABEL_PROTECTED, {"label": clean_label(name)})
    most = deps.limits.protected_labels
    names = await deps.store.protected_labels.add(clean_label(name), deps.protected_labels, most, record)
    if name not in names:
        raise InvalidInputError(f"At most {deps.limits.protected_labels} labels are protected.", ("name",))
    return sorted(names)


async def unprotect_label(deps: Deps, access: Access, name: str) -> list[str]:
    """Lets every holder of `labels:write` move the labels of this name; of an open one, nothing is changed.

    As to protect; and where the label is protected the caller must hold `labels:protected`, for nobody gives away, to
    themselves among others, what they do not have.
    """
    _require_everywhere(access)
    names = await protected_labels(deps)
    if name not in names:
        return sorted(names)
    require(access, Scope.LABELS_PROTECTED)
    record = new_record(deps, access, AuditKind.LABEL_UNPROTECTED, {"label": name})
    names = await deps.store.protected_labels.remove(name, deps.protected_labels, record)
    return sorted(names)


def _require_everywhere(access: Access) -> None:
    require(access, Scope.KEYS_MANAGE)
    if not access.reaches(EVERYWHERE[0]):
        raise FolderForbiddenError
