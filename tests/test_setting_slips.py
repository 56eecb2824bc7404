"""A setting that is misspelled is told; whatever else begins as ours do is left alone."""

import pytest

from graph.setting_slips import find_slips


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("PROMPTGRAPH_UPSTREAM_ULR", "PROMPTGRAPH_UPSTREAM_URL"),
        ("PROMPTGRAPH_PROT", "PROMPTGRAPH_PORT"),
        ("PROMPTGRAPH_LIMITS_TAGS", "PROMPTGRAPH_LIMITS__TAGS"),
        ("PROMPTGRAPH_REQUEST_LIMITS__DEPHT", "PROMPTGRAPH_REQUEST_LIMITS__DEPTH"),
        ("PROMPTGRAPH_CHECKS__SECRETS", "PROMPTGRAPH_CHECKS__SECRET"),
        ("PROMPTGRAPH_SYNC_BATCH_ITEM", "PROMPTGRAPH_SYNC_BATCH_ITEMS"),
    ],
)
def test_a_misspelled_setting_is_told_with_the_one_that_may_be_meant(given: str, meant: str) -> None:
    assert find_slips(["PATH", given]) == [(given, meant)]


def test_settings_and_what_others_name_so_are_no_slips() -> None:
    settings = ["PROMPTGRAPH_PORT", "promptgraph_host", "PROMPTGRAPH_LIMITS", "PROMPTGRAPH_LIMITS__TAGS"]
    others = ["PROMPTGRAPH_KEY", "PROMPTGRAPH_API_KEY", "PROMPTGRAPH_TEST_MEILISEARCH_URL", "PROMPTGRAP_PORT", "PORTS"]
    assert find_slips([*settings, *others]) == []
