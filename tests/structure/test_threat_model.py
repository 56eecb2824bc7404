"""A promise without a test is a wish: each test that the threat model names exists, and each row names one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", THREATS)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_promise_names_whom_it_is_against_and_a_test() -> None:
    rows = [line.strip("|").split("|") for line in THREATS.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if row[0].strip() != "promise"]
    assert len(promises) > 20
    for promise, against, shown in promises:
        assert against.strip(), promise
        assert re.search(r"`tests/[\w/.]+::\w+`", shown), promise


def test_it_is_found_from_the_page_on_security_and_the_readme() -> None:
    assert "docs/threat-model.md" in (ROOT / "SECURITY.md").read_text("utf-8")
    assert "SECURITY.md" in (ROOT / "README.md").read_text("utf-8")
