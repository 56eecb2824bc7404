"""Personal data: e-mail addresses, telephone numbers, card numbers (Luhn) and IBANs (ISO 13616, with their checksum).

What is set aside for examples is nobody's: the domains of RFC 2606 and RFC 6761, the numbers 555-0100 to 555-0199.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from graph.checks.rules import Rule, Span, find_all
from graph.domain.findings import FindingKind, Severity

_NOBODYS = re.compile(
    r"(?:(?:^|\.)example\.(?:com|org|net|edu)|\.(?:example|test|invalid|localhost|local|ext|tld)|(?:^|\.)(?:domain|email)\.com)\Z",
    re.IGNORECASE,
)
_CARDS = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)
_IBAN = re.compile(r"[A-Z](?<![A-Za-z0-9][A-Z])[A-Z]\d\d(?= ?[A-Z0-9]{4})")
_IBAN_LENGTHS = {
    length: frozenset(countries.split())
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI FK FO GL NL SD"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH CR HR LI LV"),
        (22, "BG BH DE GB GE IE ME RS VA"),
        (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"),
        (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (33, "RU"),
    )
}
_REACH = 300
_LENGTH_OF = {country: length for length, countries in _IBAN_LENGTHS.items() for country in countries}


def find_personal_data(text: str) -> Iterator[Span]:
    """The personal data in the text."""
    yield from find_all(RULES, text)
    yield from _find_ibans(text)


def _is_somebodys(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _REACH) : match.start()]
    is_reference = before.rfind("{{>") > before.rfind("}}")  # `{{> name@label}}` is a prompt's address
    return not is_reference and not _NOBODYS.search(match["domain"])


def _is_dialled(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match[0])
    return len(set(digits)) >= 4 and not re.search(r"5550[1]\d\d\Z|123-?4567|12345678", digits)


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"[ -]", "", match[0])
    return _CARDS.fullmatch(digits) is not None and len(set(digits)) > 2 and passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """The checksum of card numbers (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def passes_mod_97(iban: str) -> bool:
    """The checksum of an IBAN without spaces (ISO 7064)."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def _find_ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        length = _LENGTH_OF.get(match[0][:2])
        whole = _iban_of(length).match(text, match.start()) if length else None
        if whole and passes_mod_97(whole[0].replace(" ", "")):
            yield Span(*whole.span(), "iban", FindingKind.PERSONAL_DATA, Severity.MEDIUM)


@lru_cache(maxsize=64)
def _iban_of(length: int) -> re.Pattern[str]:
    return re.compile(rf"[A-Z0-9](?: ?[A-Z0-9]){{{length - 1}}}(?![A-Za-z0-9])")


def _rule(name: str, severity: Severity, needles: tuple[str, ...], form: str) -> Rule:
    return Rule(name, FindingKind.PERSONAL_DATA, severity, needles, re.compile(form, re.ASCII), _ACCEPTS[name])


_ACCEPTS = {"e-mail": _is_somebodys, "phone": _is_dialled, "card": _is_card}

RULES = (
    _rule(
        "e-mail",
        Severity.LOW,
        ("@",),
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}+@"
        r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_-])",
    ),
    _rule(
        "phone",
        Severity.LOW,
        ("+",),
        r"\+(?<![\w+.*/=^-]\+)[1-9]\d{0,2}(?:[ .-]?(?:\(\d{1,4}\)|\d{1,4})){2,5}+(?![\w+*/=^]|[.-]\d)",
    ),
    _rule(
        "phone",
        Severity.LOW,
        (),
        r"[(2-9](?<![\w.+*/=-][(2-9])(?:(?<=\()[2-9]\d\d\) ?|(?<!\()\d\d[-.])[2-9]\d\d[-.]\d{4}(?![\w-]|\.\d)",
    ),
    _rule(
        "card",
        Severity.MEDIUM,
        (),
        r"[2-6](?<![\w.,/=-][2-6])"
        r"(?:\d{12,18}+|\d{3}([ -])\d{4}\1\d{4}\1\d{4}|\d{3}([ -])\d{6}\2\d{4,5})(?!\w|[.,-]\d)",
    ),
)
