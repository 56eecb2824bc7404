"""What is kept is told as long as nothing that it was read from has changed, and no longer."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from bson import decode, encode
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.actors import Actor, ActorKind, ApiKey, Grant, Scope
from graph.domain.prompts import Label, Prompt, Visibility
from graph.domain.ratings import RatingSummary
from graph.store.api_keys import weigh as weigh_key
from graph.store.codec import prompt_from_document, prompt_to_document
from graph.store.kept import ENTRY_BYTES, NOBODY, Kept
from graph.store.prompts import weigh as weigh_prompt

T = TypeVar("T")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.sampled_from("abc"), st.sampled_from(["", "x", "y", "xy"])),
        st.tuples(st.just("forget"), st.sampled_from("xyz"), st.just("")),
        st.tuples(st.just("clear"), st.just(""), st.just("")),
    ),
    max_size=40,
)


def kept(most: int = 10, is_heard: bool = True) -> Kept[int]:
    return Kept(most, lambda: is_heard, 100 * ENTRY_BYTES)


@given(DEEDS)
def test_a_value_is_told_until_one_of_its_owners_changes_and_an_absence_until_anything_does(
    deeds: list[tuple[str, str, str]],
) -> None:
    ours, model = kept(), dict[str, tuple[int | None, str]]()
    for number, (deed, name, owners) in enumerate(deeds):
        if deed == "keep":
            value = number if owners else None
            ours.keep(ours.moment, {name: (value, tuple(owners))})
            model[name] = (value, owners)
        elif deed == "forget":
            ours.forget(name)
            model = {key: entry for key, entry in model.items() if entry[1] and name not in entry[1]}
        else:
            ours.clear()
            model = {}
        assert {key: ours.recall([key]) for key in "abc"} == {
            key: {key: model[key][0]} if key in model else None for key in "abc"
        }
        assert len(ours) == len(model)


def test_what_was_read_before_something_was_forgotten_is_not_kept() -> None:
    ours = kept()
    moment = ours.moment
    ours.forget("x")
    ours.keep(moment, {"a": (1, ("x",))})
    assert ours.recall(["a"]) is None


def test_several_are_told_together_or_not_at_all() -> None:
    ours = kept()
    ours.keep(ours.moment, {"a": (1, ("x",)), "b": (None, NOBODY)})
    assert ours.recall(["a", "b"]) == {"a": 1, "b": None}
    assert ours.recall(["a", "c"]) is None


def test_the_least_recently_used_goes_first() -> None:
    ours = kept(most=2)
    for key in "ab":
        ours.keep(ours.moment, {key: (1, (key,))})
    ours.recall(["a"])
    ours.keep(ours.moment, {"c": (1, ("c",))})
    assert [key for key in "abc" if ours.recall([key])] == ["a", "c"]
    assert len(kept(most=0)) == 0


def test_nothing_is_told_and_nothing_kept_while_nothing_is_heard() -> None:
    hears = True
    ours: Kept[int] = Kept(10, lambda: hears, 10 * ENTRY_BYTES)
    ours.keep(ours.moment, {"a": (1, ("x",))})
    hears = False
    assert ours.recall(["a"]) is None
    ours.keep(ours.moment, {"b": (1, ("x",))})
    hears = True
    assert (ours.recall(["a"]), ours.recall(["b"])) == ({"a": 1}, None)


def test_what_is_hidden_is_known_as_long_as_an_absence_would_be_and_no_longer() -> None:
    ours = kept()
    ours.keep(ours.moment, {"a": (1, ("x",)), "b": (2, ("y",))})
    assert ours.recall(["a", "b"], lambda value: value == 1) == {"a": 1, "b": None}
    ours.forget("z")
    assert ours.recall(["a", "b"], lambda value: value == 1) is None
    assert ours.recall(["a", "b"]) == {"a": 1, "b": 2}


def test_what_is_kept_is_bounded_in_bytes() -> None:
    ours: Kept[int] = Kept(10, lambda: True, 10 * ENTRY_BYTES, lambda value: value * ENTRY_BYTES)
    ours.keep(ours.moment, {"a": (3, ("x",)), "b": (2, ("y",)), "c": (None, NOBODY)})
    ours.keep(ours.moment, {"d": (4, ("z",))})
    assert [key for key in "abcd" if ours.recall([key])] == ["b", "c", "d"]
    ours.keep(ours.moment, {"too large": (10, ("x",))})
    assert (len(ours), ours.recall(["too large"])) == (3, None)
    ours.forget("z")
    ours.keep(ours.moment, {"e": (6, ("z",))})
    assert [key for key in "abcde" if ours.recall([key])] == ["b", "e"]


def measure(make: Callable[[], T]) -> tuple[T, int]:
    tracemalloc.start()
    try:
        made = make()
        return made, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", ["[],", '{"":{}},', '"é",', "0.5,"])
def test_no_prompt_takes_much_more_memory_than_is_counted_for_it(piece: str) -> None:
    labels = {name: Label(name, 1, NOW, "a" * 24) for name in (f"{number:036}" for number in range(50))}
    prompt = Prompt(
        id="a" * 24,
        name="𝔸" * 255,
        title="𝔸" * 255,
        description="𝔸" * 10_000,
        category="𝔸" * 100,
        tags=tuple(f"{number:𝔸>50}" for number in range(50)),
        metadata={"a": json.loads(f"[{piece * (65_000 // len(piece))}1]")},
        visibility=Visibility.PRIVATE,
        labels=labels,
        latest=1,
        latest_digest="a" * 64,
        rating=RatingSummary(),
        usage_count=0,
        author_id="a" * 24,
        forked_from=None,
        created_at=NOW,
        updated_at=NOW,
        archived_at=None,
        revision=1,
    )
    text = encode(prompt_to_document(prompt))
    again, taken = measure(lambda: prompt_from_document(decode(text, CodecOptions(tz_aware=True))))
    assert again == prompt
    assert taken < weigh_prompt(again)
    plain = prompt_from_document(decode(text, CodecOptions(tz_aware=True)) | {"metadata": "{}"})
    _, taken = measure(
        lambda: prompt_from_document(decode(text, CodecOptions(tz_aware=True)) | {"metadata": "{}"}),
    )
    assert taken < weigh_prompt(plain)


def test_no_key_takes_more_memory_than_is_counted_for_it() -> None:
    def make() -> tuple[ApiKey, Actor]:
        grants = tuple(Grant(f"{number:𝔸>255}") for number in range(100))
        key = ApiKey("a" * 24, "𝔸" * 255, "a" * 64, "b" * 24, frozenset(Scope), grants, NOW)
        return key, Actor("b" * 24, ActorKind.SERVICE, "𝔸" * 128, "𝔸" * 128)

    made, taken = measure(make)
    assert taken < weigh_key(made)
