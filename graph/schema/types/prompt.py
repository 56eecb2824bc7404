"""A prompt and what hangs on it. These types name each other, so they live together.

Facts that the domain's object holds are copied as they are; resolvers are for what must be read or worked out.
"""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import Private

from graph.domain import prompts as domain
from graph.domain import ratings as rating_domain
from graph.domain.prompts import VersionRef
from graph.operations.labels import count_moves, list_moves
from graph.operations.prompts import BY_NAME, count_prompts, included_by, list_prompts
from graph.operations.ratings import list_ratings
from graph.operations.references import Meaning, find_meanings
from graph.operations.rendering import preview_version
from graph.operations.versions import compare_versions, list_versions
from graph.schema.budget import line_count, rendered_length
from graph.schema.connections import Connection, Listing, Window, listed, milliseconds
from graph.schema.context import Info
from graph.schema.fields import Eventually, resolved
from graph.schema.lookahead import preload
from graph.schema.scalars import NO_VALUES, VariableValues
from graph.schema.types.actor import Actor, load_actor
from graph.schema.types.changes import ChangesFacts, told
from graph.schema.types.content import VersionContent
from graph.schema.types.facts import PromptFacts, RatingFacts, VersionFacts
from graph.schema.types.finding import VersionFindings
from graph.schema.types.inclusion import ReferenceFacts, RenderingFacts
from graph.schema.types.rating import RatingSummary
from graph.schema.types.selectors import PromptVersionBy, number_of
from graph.schema.types.similar import SimilarCount, load_similar
from graph.schema.types.snippets import VersionCode
from graph.schema.types.usage import VersionFigures
from graph.templating.changes import Changes
from graph.templating.inclusion import mentions_of


@strawberry.type
class Prompt(PromptFacts):
    """A named prompt and its whole history. It always has at least one version."""

    @resolved
    def author(self, info: Info) -> Eventually[Actor | None]:
        """Null when the author's account is gone."""
        return load_actor(info, self.held.author_id)

    @resolved
    def latest_version(self, info: Info) -> "Eventually[PromptVersion]":
        """The newest one."""
        return version_of(info, self.held, self.held.latest)

    @resolved
    def version(self, info: Info, by: PromptVersionBy) -> "Eventually[PromptVersion | None]":
        """Null when no version answers to the selector."""
        number = number_of(self.held, by, ("by",))
        return None if number is None else version_of(info, self.held, number)

    @listed
    async def versions(self, info: Info, window: Window) -> "Connection[PromptVersion]":
        """Newest first."""
        listing = Listing(info.context, ("versions", self.held.id))
        page = list_versions(self.held, listing.request(window))
        found = await info.context.loaders.version.require_many(page.items)
        nodes = [PromptVersion.of(version, self.held) for version in found]
        return Connection.of(listing, page, lambda ref: (ref.number,), nodes, self._count_versions)

    @resolved
    def labels(self) -> "list[Label]":
        """At most 50, by name."""
        return [Label.of(self.held, label) for _, label in sorted(self.held.labels.items())]

    @resolved
    def rating_summary(self) -> RatingSummary:
        """Over all versions."""
        return RatingSummary.of(self.held.rating)

    @resolved
    def viewer_rating(self, info: Info) -> "Eventually[Rating | None]":
        """The caller's own rating; null when there is none."""
        rater = info.context.access.actor_id
        return load_rating(info, self.held, rater) if rater else None

    @listed
    async def ratings(self, info: Info, window: Window) -> "Connection[Rating] | None":
        """Newest first."""
        listing = Listing(info.context, ("ratings", self.held.id))
        page = await list_ratings(info.context.deps, self.held, listing.request(window))
        nodes = [Rating.of(rating, self.held) for rating in page.items]
        return Connection.of(listing, page, _rating_position, nodes, self._count_ratings)

    @resolved
    async def forked_from(self, info: Info) -> "PromptVersion | None":
        """The version this prompt was forked from. Null also when that one is gone or the caller may not see it."""
        ref = self.held.forked_from
        source = await info.context.loaders.prompt.load(ref.prompt_id) if ref else None
        return await load_version(info, source, ref.number) if ref and source else None

    @listed
    async def referenced_by(self, info: Info, window: Window) -> "Connection[Prompt]":
        """Prompts whose newest or a labelled version includes this one, by name."""
        deps, access, where = info.context.deps, info.context.access, included_by(self.held)
        listing = Listing(info.context, ("referenced by", self.held.id))
        page = await list_prompts(deps, access, where, BY_NAME, listing.request(window))
        await preload(info, page.items)
        nodes, total = [Prompt.of(prompt) for prompt in page.items], lambda: count_prompts(deps, access, where)
        return Connection.of(listing, page, lambda prompt: (prompt.name, prompt.id), nodes, total)

    @resolved
    async def similar(self, info: Info, first: SimilarCount = 5) -> "list[Prompt] | None":
        """Prompts whose content is near this one's, nearest first; null when the index cannot answer."""
        return [Prompt.of(prompt) for prompt in await load_similar(info, self.held.id, first)]

    async def _count_versions(self) -> int:
        return self.held.latest

    async def _count_ratings(self) -> int:
        return self.held.rating.count


@strawberry.type
class PromptVersion(VersionFacts, VersionContent, VersionFindings, VersionFigures, VersionCode):
    """One immutable revision of a prompt's template."""

    async def load_owner(self, info: Info) -> domain.Prompt:
        """The prompt as the domain's object. Raises NotFoundError when it was removed meanwhile."""
        return self.owner or await info.context.loaders.prompt.require(self.held.prompt_id)

    @resolved
    async def prompt(self, info: Info) -> Prompt:
        """The prompt whose history this is part of."""
        return Prompt.of(await self.load_owner(info))

    @resolved
    async def references(self, info: Info) -> "list[PromptReference]":
        """The prompts it includes by `{{> name}}`, in order, with what each means now."""
        deps, access = info.context.deps, info.context.access
        mentions = mentions_of(self.held.template)
        meant = await find_meanings(deps, access, [mention.selector for mention in mentions])
        return [
            PromptReference(selector=one.selector, part=one.part, line=one.line, meaning=meant.get(one.selector))
            for one in mentions
        ]

    @resolved
    async def changes_from(self, info: Info, version: PromptVersionBy | None = None) -> "VersionChanges | None":
        """What changed between an older version (the previous one when left out) and this one."""
        owner = await self.load_owner(info)
        number = self.number - 1 if version is None else number_of(owner, version, ("version",))
        if not number:
            return None
        older = await load_version(info, owner, number)
        info.context.budget.spend_lines(line_count(older.held) + line_count(self.held))
        changes = await compare_versions(info.context.deps, info.context.access, older.held, self.held)
        return VersionChanges.of(older, self, changes)

    @resolved
    def author(self, info: Info) -> Eventually[Actor | None]:
        """Null when the author's account is gone."""
        return load_actor(info, self.held.author_id)

    @resolved
    async def labels(self, info: Info) -> "list[Label]":
        """Those that point here now, by name."""
        owner = await self.load_owner(info)
        held = sorted(owner.labels.items())
        return [Label.of(owner, label) for _, label in held if label.version == self.number]

    @resolved
    async def previous(self, info: Info) -> "PromptVersion | None":
        """The version before this one; null for the first."""
        if self.number == 1:
            return None
        return await load_version(info, await self.load_owner(info), self.number - 1)

    @resolved
    async def preview(self, info: Info, variables: VariableValues = NO_VALUES) -> "Rendering":
        """The template with `variables` filled in, without side effects. Missing values and broken
        references are reported, not refused; `promptRender` is the strict, recorded counterpart. Findings of the kinds
        that the server redacts are covered here, and only here.
        """
        done = await preview_version(info.context.deps, info.context.access, self.held, variables)
        info.context.budget.spend_characters(rendered_length(done.rendered))
        return Rendering.of(self.held, done.rendered, self.owner, done.faults, done.redactions)


@strawberry.type
class VersionChanges(ChangesFacts):
    """A difference in the words of the domain, with a unified text diff beside it."""

    from_: PromptVersion = strawberry.field(name="from")
    to: PromptVersion

    @classmethod
    def of(cls, older: PromptVersion, newer: PromptVersion, changes: Changes) -> Self:
        """Of what the comparison found."""
        return cls(from_=older, to=newer, **told(changes))


@strawberry.type
class Rendering(RenderingFacts):
    """A version, filled in."""

    @resolved
    def version(self) -> PromptVersion:
        """What was rendered."""
        return PromptVersion.of(self.held, self.owner)


@strawberry.type
class PromptReference(ReferenceFacts):
    """A place in a template where another prompt's text goes."""

    meaning: Private[Meaning | None]

    @resolved
    def prompt(self) -> Prompt | None:
        """Null when there is none, or the caller may not see it."""
        return Prompt.of(self.meaning.prompt) if self.meaning else None

    @resolved
    def version(self) -> PromptVersion | None:
        """What is included now; null when no version answers to the selector."""
        return PromptVersion.of(self.meaning.version, self.meaning.prompt) if self.meaning else None


@strawberry.type
class Label:
    """A movable name for one version of a prompt, such as `production`."""

    prompt: Private[domain.Prompt]
    target: Private[int]
    mover: Private[str | None]
    name: str
    moved_at: datetime

    @classmethod
    def of(cls, prompt: domain.Prompt, label: domain.Label) -> Self:
        """Of the domain's label and its prompt."""
        return cls(prompt=prompt, target=label.version, mover=label.moved_by, name=label.name, moved_at=label.moved_at)

    @resolved
    def version(self, info: Info) -> Eventually[PromptVersion]:
        """The version it points at."""
        return version_of(info, self.prompt, self.target)

    @resolved
    def is_protected(self, info: Info) -> Eventually[bool]:
        """Only holders of the `labels:protected` scope may move it."""
        return info.context.loaders.is_protected(self.name)

    @resolved
    def moved_by(self, info: Info) -> Eventually[Actor | None]:
        """Null when the mover's account is gone."""
        return load_actor(info, self.mover)

    @listed
    async def history(self, info: Info, window: Window) -> "Connection[LabelMove] | None":
        """Every move of this label, newest first."""
        deps = info.context.deps
        listing = Listing(info.context, ("label moves", self.prompt.id, self.name))
        page = await list_moves(deps, self.prompt, self.name, listing.request(window))
        nodes = [LabelMove.of(self.prompt, move) for move in page.items]
        return Connection.of(
            listing, page, lambda move: (move.revision,), nodes, lambda: count_moves(deps, self.prompt, self.name)
        )


@strawberry.type
class LabelMove:
    """One line of a label's ledger."""

    prompt: Private[domain.Prompt]
    held: Private[domain.LabelMove]
    moved_at: datetime

    @classmethod
    def of(cls, prompt: domain.Prompt, move: domain.LabelMove) -> Self:
        """Of the domain's move and its prompt."""
        return cls(prompt=prompt, held=move, moved_at=move.moved_at)

    @resolved
    def moved_by(self, info: Info) -> Eventually[Actor | None]:
        """Null when the mover's account is gone."""
        return load_actor(info, self.held.moved_by)

    @resolved
    def from_version(self, info: Info) -> Eventually[PromptVersion | None]:
        """Null when the label was new."""
        number = self.held.from_version
        return None if number is None else version_of(info, self.prompt, number)

    @resolved
    def to_version(self, info: Info) -> Eventually[PromptVersion | None]:
        """Null when the label was removed."""
        number = self.held.to_version
        return None if number is None else version_of(info, self.prompt, number)


@strawberry.type
class Rating(RatingFacts):
    """One actor's opinion of a prompt, 1 to 5; rating again replaces it."""

    async def load_owner(self, info: Info) -> domain.Prompt:
        """The prompt as the domain's object. Raises NotFoundError when it was removed meanwhile."""
        return self.owner or await info.context.loaders.prompt.require(self.held.prompt_id)

    @resolved
    async def prompt(self, info: Info) -> Prompt:
        """The prompt that was rated."""
        return Prompt.of(await self.load_owner(info))

    @resolved
    async def version(self, info: Info) -> PromptVersion:
        """The version that was rated."""
        return await load_version(info, await self.load_owner(info), self.held.version)

    @resolved
    def rater(self, info: Info) -> Eventually[Actor | None]:
        """Null when the rater's account is gone."""
        return load_actor(info, self.held.rater_id)


def version_of(info: Info, prompt: domain.Prompt, number: int) -> Eventually[PromptVersion]:
    """One version of a prompt that the caller holds, at once when it is loaded already.

    Raises NotFoundError when it was removed meanwhile.
    """
    held = info.context.loaders.version.peek(VersionRef(prompt.id, number))
    return PromptVersion.of(held, prompt) if held else load_version(info, prompt, number)


def load_rating(info: Info, prompt: domain.Prompt, rater: str) -> Eventually[Rating | None]:
    """One actor's rating of a prompt that the caller holds, at once when it is loaded already."""
    loader, key = info.context.loaders.rating, (rater, prompt.id)
    if loader.is_loaded(key):
        held = loader.peek(key)
        return Rating.of(held, prompt) if held else None
    return _read_rating(info, prompt, key)


async def _read_rating(info: Info, prompt: domain.Prompt, key: tuple[str, str]) -> Rating | None:
    found = await info.context.loaders.rating.load(key)
    return Rating.of(found, prompt) if found else None


async def load_version(info: Info, prompt: domain.Prompt, number: int) -> PromptVersion:
    """The same as `version_of`, for those who wait in any case."""
    return PromptVersion.of(await info.context.loaders.version.require(VersionRef(prompt.id, number)), prompt)


def _rating_position(rating: rating_domain.Rating) -> tuple[int, str]:
    return milliseconds(rating.created_at), rating.rater_id
