"""Which scope a deed needs, and the error when it is missing."""

from graph.domain.actors import Access, Scope
from graph.domain.denials import FolderForbiddenError, ForbiddenError, UnauthenticatedError


def require(access: Access, scope: Scope) -> None:
    """Raises UnauthenticatedError for an anonymous caller and ForbiddenError for one without the scope."""
    if access.actor is None:
        raise UnauthenticatedError("This needs an API key: send `Authorization: Bearer pg_…`.")
    if not access.has(scope):
        raise ForbiddenError(scope.value)


def require_folder(access: Access, name: str) -> None:
    """Raises FolderForbiddenError when no grant lets the caller write a prompt of this name."""
    if not access.may_write(name):
        raise FolderForbiddenError
