"""What a browser would run if the text were put into a page as it is: tags, event handlers and URLs that are code."""

import re
from collections.abc import Iterator

from graph.checks.rules import Rule, Span, find_all
from graph.domain.findings import FindingKind, Severity


def find_scripts(text: str) -> Iterator[Span]:
    """The scripts in the text."""
    return find_all(RULES, text)


def _rule(name: str, severity: Severity, needles: tuple[str, ...], form: str) -> Rule:
    return Rule(name, FindingKind.SCRIPT, severity, needles, re.compile(form, re.IGNORECASE))


RULES = (
    _rule(
        "script-tag",
        Severity.HIGH,
        ("<script",),
        r"<script(?=[\s/>])(?!\s+type=.?application/(?:ld\+)?json)[^<>]{0,300}+>?",
    ),
    _rule(
        "embedding-tag",
        Severity.MEDIUM,
        ("<iframe", "<object", "<embed", "<applet"),
        r"<(?:iframe|object|embed|applet)\s[^<>]{1,300}+>",
    ),
    _rule(
        "event-handler",
        Severity.HIGH,
        ("<",),
        r"<[a-z][a-z0-9:-]{0,30}+(?=[\s/])(?:(?![\s/\"']on[a-z])[^<>]){0,300}+[\s/\"'](?P<found>on[a-z]{3,24}\s{0,5}=)(?!\s{0,5}\{[^{])",
    ),
    _rule(
        "script-url",
        Severity.HIGH,
        ("javascript:", "vbscript:"),
        r"(?<!\w)(?:java|vb)script:(?=[a-z0-9_$(/%&\[!])[^\s\"'`<>]{1,200}+",
    ),
    _rule(
        "html-in-data-url",
        Severity.HIGH,
        ("data:",),
        r"(?<!\w)data:(?:text/html|application/xhtml\+xml|image/svg\+xml)[;,]",
    ),
)
