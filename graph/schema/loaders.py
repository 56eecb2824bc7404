"""One loader per question: what a request asks for piece by piece is asked of the store all at once.

A loader gathers the keys of one turn of the event loop, asks for them in one call, and remembers the answers
for the request. They answer None for what is not there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from graph.domain.actors import Access, Actor
from graph.domain.errors import NotFoundError
from graph.domain.prompts import Prompt, PromptVersion, VersionRef
from graph.domain.ratings import Rating, RatingSummary
from graph.domain.runs import FeedbackSummary, UsageBucket, Window
from graph.operations.access import get_actors
from graph.operations.deps import Deps
from graph.operations.feedback import get_feedback_summaries
from graph.operations.prompts import get_prompts
from graph.operations.protection import protected_labels
from graph.operations.ratings import get_ratings, get_version_summaries
from graph.operations.usage import get_usage
from graph.operations.versions import get_expanded, get_versions
from graph.templating.inclusion import Expanded

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ALL = "all"
UsageKey = tuple[VersionRef, Window]
RatingKey = tuple[str, str]
"""The rater's id and the prompt's."""


class Loader(Generic[K, V]):
    """Asks `find` for many keys at once; keys that `find` leaves out are answered with None."""

    def __init__(self, find: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._answers: dict[K, asyncio.Future[V | None]] = {}
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._task: asyncio.Task[None] | None = None

    def load(self, key: K) -> Awaitable[V | None]:
        """The value of one key."""
        if (known := self._answers.get(key)) is not None:
            return known
        loop = asyncio.get_running_loop()
        answer = self._answers[key] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._dispatch)
        self._waiting[key] = answer
        return answer

    def is_loaded(self, key: K) -> bool:
        """True when the key was asked for and answered: then `peek` has the answer."""
        known = self._answers.get(key)
        return known is not None and known.done() and not known.cancelled() and known.exception() is None

    def peek(self, key: K) -> V | None:
        """The value of a key that is loaded already, at once; else None."""
        return self._answers[key].result() if self.is_loaded(key) else None

    async def require(self, key: K) -> V:
        """The value of a key that was there a moment ago. Raises NotFoundError when it is gone since."""
        return _there(await self.load(key))

    async def require_many(self, keys: Iterable[K]) -> list[V]:
        """The same of many keys, in their order."""
        return [_there(found) for found in await self.load_many(keys)]

    async def load_many(self, keys: Iterable[K]) -> list[V | None]:
        """The values of many keys, in their order."""
        return [await answer for answer in [self.load(key) for key in keys]]

    def clear(self) -> None:
        """Forgets the answers, because something was written."""
        self._answers.clear()

    def _dispatch(self) -> None:
        waiting, self._waiting = self._waiting, {}
        self._task = asyncio.ensure_future(self._answer(waiting))

    async def _answer(self, waiting: dict[K, asyncio.Future[V | None]]) -> None:
        try:
            found = await self._find(list(waiting))
        except Exception as error:  # noqa: BLE001  # handed to everyone who waits
            for answer in waiting.values():
                if not answer.done():
                    answer.set_exception(error)
                    answer.exception()  # seen: one who waits no longer is no reason for a line in the log
            return
        for key, answer in waiting.items():
            if not answer.done():
                answer.set_result(found.get(key))


def _there(found: V | None) -> V:
    if found is None:
        raise NotFoundError("It is no longer there: its prompt was removed a moment ago, or may no longer be seen.")
    return found


class Loaders:
    """The loaders of one request, with the sight of its caller."""

    def __init__(self, deps: Deps, access: Access) -> None:
        async def find_ratings(keys: Sequence[RatingKey]) -> Mapping[RatingKey, Rating]:
            return await _find_ratings(deps, keys)

        async def find_protected_labels(keys: Sequence[str]) -> Mapping[str, frozenset[str]]:
            return {ALL: await protected_labels(deps)}

        self.protected_labels: Loader[str, frozenset[str]] = Loader(find_protected_labels)
        self.prompt: Loader[str, Prompt] = Loader(lambda ids: get_prompts(deps, access, ids))
        self.version: Loader[VersionRef, PromptVersion] = Loader(lambda refs: get_versions(deps, refs))
        self.expanded: Loader[VersionRef, Expanded] = Loader(lambda refs: get_expanded(deps, access, refs))
        self.actor: Loader[str, Actor] = Loader(lambda ids: get_actors(deps, ids))
        self.rating: Loader[RatingKey, Rating] = Loader(find_ratings)
        self.version_summary: Loader[VersionRef, RatingSummary] = Loader(lambda refs: get_version_summaries(deps, refs))
        self.usage: Loader[UsageKey, tuple[UsageBucket, ...]] = Loader(lambda keys: get_usage(deps, keys))
        self.feedback: Loader[VersionRef, FeedbackSummary] = Loader(lambda refs: get_feedback_summaries(deps, refs))

    def is_protected(self, label: str) -> bool | Awaitable[bool]:
        """Whether only holders of `labels:protected` may move a label of this name. At once when that is known."""
        held = self.protected_labels.peek(ALL)
        return label in held if held is not None else self._is_protected(label)

    async def _is_protected(self, label: str) -> bool:
        return label in await self.protected_labels.require(ALL)

    def clear(self) -> None:
        """Forgets what can change. A mutation calls it when it has written; versions never change."""
        for loader in (self.prompt, self.actor, self.rating, self.version_summary, self.protected_labels):
            loader.clear()
        self.expanded.clear()
        self.usage.clear()
        self.feedback.clear()


async def _find_ratings(deps: Deps, keys: Sequence[RatingKey]) -> Mapping[RatingKey, Rating]:
    """One round trip for each rater; in practice there is one rater, the caller."""
    prompts: dict[str, list[str]] = {}
    for rater, prompt in keys:
        prompts.setdefault(rater, []).append(prompt)
    found: dict[RatingKey, Rating] = {}
    for rater, ids in prompts.items():
        found |= {(rater, prompt): rating for prompt, rating in (await get_ratings(deps, rater, ids)).items()}
    return found
