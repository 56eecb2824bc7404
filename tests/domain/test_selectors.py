"""How a selector is read, before anybody knows what exists."""

import unicodedata

import pytest

from graph.domain.prompts import VersionByLabel, VersionByNumber
from graph.domain.selectors import Reading, VersionByDigest, parse_version, readings


def test_a_plain_name_is_read_in_one_way() -> None:
    assert readings("support/refund-reply") == (Reading("support/refund-reply"),)


@pytest.mark.parametrize(
    ("suffix", "version"),
    [
        ("7", VersionByNumber(7)),
        ("v7", VersionByNumber(7)),
        ("production", VersionByLabel("production")),
        ("latest", VersionByLabel("latest")),
        ("v", VersionByLabel("v")),
        ("sha256:ab12", VersionByDigest("ab12")),
        ("sha256:AB12cd", VersionByDigest("ab12cd")),
        ("sha256:" + "0" * 64, VersionByDigest("0" * 64)),
    ],
)
def test_after_the_at_stands_a_number_a_label_or_a_digest(suffix: str, version: object) -> None:
    assert readings(f"a/b@{suffix}") == (Reading(f"a/b@{suffix}"), Reading("a/b", version))  # type: ignore[arg-type]  # parametrized


@pytest.mark.parametrize(
    "suffix", ["", "0", "007", "-1", "7.0", "A", "é", "sha256:", "sha256:ab1", "sha256:xyz0", "x" * 37]
)
def test_what_is_no_version_belongs_to_the_name(suffix: str) -> None:
    assert parse_version(suffix) is None
    assert readings(f"a@{suffix}") == (Reading(f"a@{suffix}"),)


def test_only_the_last_at_divides_and_a_name_is_never_empty() -> None:
    assert readings("me@home@3")[1] == Reading("me@home", VersionByNumber(3))
    assert readings("@3") == (Reading("@3"),)


def test_names_are_read_in_nfc() -> None:
    typed = unicodedata.normalize("NFD", "café")
    assert readings(typed + "@1")[1].name == unicodedata.normalize("NFC", typed)
