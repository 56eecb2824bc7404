"""Search tokens: what a search waits for, so that whoever changed a prompt finds it as it is now."""

from graph.domain.errors import InvalidCursorError, InvalidSearchTokenError
from graph.domain.prompts import Prompt
from graph.operations.deps import Deps

SEARCH_TOKEN = "search-token"


def search_token(deps: Deps, prompt: Prompt) -> str:
    """Names the prompt's revision to whoever searches for it: `promptSearch(consistentWith:)` waits for that."""
    return deps.signer.sign(SEARCH_TOKEN, (prompt.id, prompt.revision))


def read_token(deps: Deps, token: str) -> tuple[str, int]:
    """The prompt and the revision that a token names. Raises InvalidSearchTokenError."""
    try:
        prompt_id, revision = deps.signer.read(SEARCH_TOKEN, token)
    except InvalidCursorError:
        raise InvalidSearchTokenError from None
    return str(prompt_id), int(revision)
