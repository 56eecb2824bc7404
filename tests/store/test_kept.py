"""What is kept is told as long as nothing that it was read from has changed, and no longer."""

from hypothesis import given
from hypothesis import strategies as st

from graph.store.kept import NOBODY, Kept

DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.sampled_from("abc"), st.sampled_from(["", "x", "y", "xy"])),
        st.tuples(st.just("forget"), st.sampled_from("xyz"), st.just("")),
        st.tuples(st.just("clear"), st.just(""), st.just("")),
    ),
    max_size=40,
)


def kept(most: int = 10, is_heard: bool = True) -> Kept[int]:
    return Kept(most, lambda: is_heard)


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
    ours: Kept[int] = Kept(10, lambda: hears)
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
