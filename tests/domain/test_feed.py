"""Who is told of which event, and from where a reader can go on."""

from datetime import UTC, datetime

from graph.domain.actors import Access, Actor, ActorKind, Grant, Scope
from graph.domain.events import Event, EventKind, Sight
from graph.domain.feed import EventFilter, ResetReason, Span, Told, tell
from graph.domain.prompts import Visibility

ADA = Actor("ada", ActorKind.USER, "ada", "Ada")
EVERYTHING = EventFilter()


def sight(name: str = "support/reply", tags: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Sight:
    return Sight(name, tags, labels, Visibility.PRIVATE)


def event(before: Sight | None, after: Sight | None, kind: EventKind = EventKind.UPDATED) -> Event:
    return Event("p:2", kind, "p", 2, "ada", None, datetime(2026, 11, 21, tzinfo=UTC), before, after, {}, seq=7)


def reader(*folders: str) -> Access:
    return Access(ADA, frozenset({Scope.PROMPTS_READ}), tuple(Grant(folder) for folder in folders))


def test_who_could_see_the_prompt_before_or_after_is_told() -> None:
    change = event(sight(), sight())
    assert tell(change, reader("support"), EVERYTHING) == Told(change, is_in_scope=True)
    assert tell(change, reader("sales"), EVERYTHING) is None


def test_a_prompt_that_leaves_the_filter_is_told_as_out_of_scope_and_once() -> None:
    leaves = event(sight(tags=("draft",)), sight(tags=("done",)))
    stays_away = event(sight(tags=("done",)), sight(tags=("done",)))
    where = EventFilter(tags=("draft",))
    assert tell(leaves, reader(""), where) == Told(leaves, is_in_scope=False)
    assert tell(stays_away, reader(""), where) is None


def test_a_prompt_that_leaves_the_readers_sight_is_out_of_scope() -> None:
    public = Sight("support/reply", (), (), Visibility.PUBLIC)
    hidden = event(public, sight())
    assert tell(hidden, Access(None, reads_public=True), EVERYTHING) == Told(hidden, is_in_scope=False)


def test_a_filter_that_matched_only_what_the_reader_could_not_see_tells_nothing() -> None:
    """Else the tags of a hidden prompt could be guessed."""
    shown = event(sight(tags=("secret",)), Sight("support/reply", (), (), Visibility.PUBLIC))
    assert tell(shown, Access(None, reads_public=True), EventFilter(tags=("secret",))) is None


def test_a_deleted_prompt_is_out_of_scope_and_a_created_one_in_it() -> None:
    deleted, created = event(sight(), None, EventKind.DELETED), event(None, sight(), EventKind.CREATED)
    assert tell(deleted, reader(""), EVERYTHING) == Told(deleted, is_in_scope=False)
    assert tell(created, reader(""), EVERYTHING) == Told(created, is_in_scope=True)


def test_the_fields_of_a_filter_narrow_together_and_within_one_any_will_do() -> None:
    change = event(sight(labels=("production", "qa")), sight(labels=("qa",)))
    assert tell(change, reader(""), EventFilter(labels=("production",))) == Told(change, is_in_scope=False)
    assert tell(change, reader(""), EventFilter(labels=("production", "qa"), folders=("support",)))
    assert tell(change, reader(""), EventFilter(labels=("qa",), folders=("supp",))) is None
    assert tell(change, reader(""), EventFilter(labels=("qa",), kinds=(EventKind.RATED,))) is None
    assert tell(change, reader(""), EventFilter(prompt_ids=("another",))) is None


def test_a_reader_goes_on_from_any_place_that_the_log_still_follows() -> None:
    kept = Span(first=5, last=9)
    assert [kept.why_not_from(seq) for seq in (4, 9)] == [None, None]
    assert kept.why_not_from(3) is ResetReason.CURSOR_EXPIRED
    assert kept.why_not_from(10) is ResetReason.HISTORY_LOST
    assert Span().why_not_from(0) is None
