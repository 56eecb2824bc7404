import base64

import pytest

from graph.domain.errors import InvalidCursorError, InvalidInputError
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner, Page, PageRequest, page_of, page_request, page_size

LIMITS = Limits()
SIGNER = CursorSigner(b"secret")
SCOPE = {"list": "prompts", "order": "NAME"}


@pytest.mark.parametrize("position", [("a/b", 7), (), (None, "é😀", 1.5, True)])
def test_a_cursor_gives_its_position_back(position: tuple[object, ...]) -> None:
    cursor = SIGNER.sign(SCOPE, position)
    assert SIGNER.read(dict(reversed(SCOPE.items())), cursor) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_cursor_of_another_list_or_another_registry_is_refused() -> None:
    cursor = SIGNER.sign(SCOPE, ("a",))
    for signer, scope in ((SIGNER, "versions"), (SIGNER, {**SCOPE, "order": "X"}), (CursorSigner(b"other"), SCOPE)):
        with pytest.raises(InvalidCursorError):
            signer.read(scope, cursor)


def forged() -> list[str]:
    raw = base64.urlsafe_b64decode(SIGNER.sign(SCOPE, ("abcd",)) + "==")
    return [
        base64.urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode() for at in range(len(raw))
    ]


@pytest.mark.parametrize("cursor", ["", "a", "é", "!!!!", "MTIz", "\ud800", "A" * 10_000, *forged()])
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        SIGNER.read(SCOPE, cursor)


def test_a_page_is_twenty_unless_asked_otherwise() -> None:
    assert page_size(None, None, LIMITS) == (20, False)
    assert page_size(100, None, LIMITS) == (100, False)
    assert page_size(None, 1, LIMITS) == (1, True)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (-1, None, "first"),
        (0, None, "first"),
        (1_000, None, "first"),
        (None, -1, "last"),
        (None, 101, "last"),
        (1, 1, "last"),
    ],
)
def test_a_size_out_of_bounds_or_asked_for_twice_is_refused(first: int | None, last: int | None, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        page_size(first, last, LIMITS)
    assert caught.value.path == (field,)


def test_a_page_request_reads_both_cursors() -> None:
    after, before = SIGNER.sign(SCOPE, ("a",)), SIGNER.sign(SCOPE, ("z",))
    assert page_request(SIGNER, LIMITS, SCOPE, after=after, last=5, before=before) == PageRequest(
        5, ("a",), ("z",), True
    )


def test_one_row_more_than_asked_for_tells_that_there_are_more() -> None:
    assert page_of([1, 2, 3], PageRequest(2)) == Page((1, 2), has_next=True, has_previous=False)
    assert page_of([1, 2], PageRequest(2, after=(0,))) == Page((1, 2), has_next=False, has_previous=True)


def test_a_page_read_from_the_end_comes_in_the_lists_order() -> None:
    assert page_of([9, 8, 7], PageRequest(2, backward=True)) == Page((8, 9), has_next=False, has_previous=True)
    assert page_of([9], PageRequest(2, before=(10,), backward=True)) == Page((9,), has_next=True, has_previous=False)
