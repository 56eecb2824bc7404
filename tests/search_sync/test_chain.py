"""The hash of a record: of its content and of the one before, whatever the order of its keys."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Int64

from search_sync.chain import GENESIS, canonical, link

EVENT: dict[str, Any] = {
    "_id": "p:1",
    "kind": "created",
    "at": datetime(2026, 11, 21, 6, 30, 0, 123000, UTC),
    "change": {"score": 1.5, "to": "ß"},
    "seq": 1,
}


def test_the_canonical_content_is_json_with_sorted_keys_and_times_in_milliseconds() -> None:
    assert canonical(EVENT).decode() == (
        '{"_id":"p:1","at":{"$date":1795242600123},"change":{"score":1.5,"to":"ß"},"kind":"created","seq":1}'
    )


def test_the_order_of_keys_and_the_width_of_numbers_do_not_matter() -> None:
    turned = dict(reversed(EVENT.items())) | {"seq": Int64(1), "hash": "its own does not count"}
    assert link(GENESIS, turned) == link(GENESIS, EVENT)


@pytest.mark.parametrize("altered", [{"kind": "deleted"}, {"seq": 2}, {"change": {}}, {"key": None}])
def test_any_other_content_has_another_hash(altered: dict[str, Any]) -> None:
    assert link(GENESIS, EVENT | altered) != link(GENESIS, EVENT)


def test_another_record_before_makes_another_hash() -> None:
    assert link(link(GENESIS, EVENT), EVENT) != link(GENESIS, EVENT)
