"""Render ids: each names one rendering, and feedback on it is given by them.

They are signed and not kept: an id says itself which version it is of, so a registry that renders a million times
writes nothing for the feedback that hardly any of them gets. An id cannot be made up, and tells nobody anything who
may not see the prompt.
"""

from secrets import token_urlsafe

from graph.domain.errors import InvalidCursorError, NotFoundError
from graph.domain.prompts import VersionRef
from graph.operations.deps import Deps

SIGNED_AS = "render"
PREFIX = "rnd_"
LONGEST = 512


def issue_render_id(deps: Deps, ref: VersionRef) -> str:
    """A new id for a rendering of this version."""
    return PREFIX + deps.signer.sign(SIGNED_AS, (ref.prompt_id, ref.number, token_urlsafe(9)))


def read_render_id(deps: Deps, render_id: str) -> VersionRef:
    """The version that was rendered. Raises NotFoundError for what this registry has not signed."""
    try:
        if not render_id.startswith(PREFIX) or len(render_id) > LONGEST:
            raise no_such_rendering()
        prompt_id, number, _ = deps.signer.read(SIGNED_AS, render_id.removeprefix(PREFIX))
    except InvalidCursorError:
        raise no_such_rendering() from None
    return VersionRef(prompt_id, number)


def no_such_rendering() -> NotFoundError:
    """For an id that is not ours, and for one whose prompt the caller may not see."""
    return NotFoundError("This registry has made no such rendering.", ("renderId",))
