import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.checks.examiner import find_spans
from graph.checks.personal_data import passes_luhn, passes_mod_97
from graph.domain.findings import FindingKind


def told(text: str) -> list[tuple[str, str]]:
    return [(span.rule, text[span.start : span.end]) for span in find_spans(text, [FindingKind.PERSONAL_DATA])]


@pytest.mark.parametrize(
    ("rule", "datum"),
    [
        ("e-mail", "ada.lovelace+notes@analytical-engine.co.uk"),
        ("phone", "+49 30 901820"),
        ("phone", "+1 (212) 736-5000"),
        ("phone", "+442079460958"),
        ("phone", "(212) 736-5000"),
        ("phone", "212-736-5000"),
        ("card", "4012 8888 8888 1881"),
        ("card", "4012888888881881"),
        ("card", "3782-822463-10005"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "GB82WEST12345698765432"),
        ("iban", "NO93 8601 1117 947"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "It is {}.", "({})", "是{}。", "x: {}, y"])
def test_personal_data_is_found_whole(rule: str, datum: str, around: str) -> None:
    assert told(around.format(datum)) == [(rule, datum)]


@pytest.mark.parametrize(
    "text",
    [
        "write to ada@example.com or root@host.local",
        "user@domain.com, name@email.com, a@b",
        "{{> team/greeting@prod.eu}}",
        "@decorator and git@github:x",
        "1 + 2 + 3 = 6",
        "+12345678901",
        "(212) 555-0142",
        "2025-11-21T10:20:30 and 1763720430123",
        "4012 8888 8888 1882",
        "4111111111111111111111111111",
        "3.141592653589793",
        "DE88 3704 0044 0532 0130 00",
        "AB12 CDEF GHIJ KLMN",
        "version 212-736-50001",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    ],
)
def test_what_only_looks_like_it_is_none(text: str) -> None:
    assert told(text) == []


@given(st.text("0123456789", min_size=12, max_size=18))
def test_of_ten_last_digits_one_passes_luhn(digits: str) -> None:
    assert sum(passes_luhn(f"{digits}{last}") for last in range(10)) == 1


@given(st.text("0123456789ABCXYZ", min_size=11, max_size=26))
def test_an_iban_with_its_own_check_digits_passes(account: str) -> None:
    zero = int("".join(str(int(character, 36)) for character in f"{account}DE00"))
    assert passes_mod_97(f"DE{98 - zero % 97:02}{account}")
