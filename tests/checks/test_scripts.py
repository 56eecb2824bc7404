import pytest

from graph.checks.scripts import find_scripts


def told(text: str) -> list[tuple[str, str]]:
    return [(span.rule, text[span.start : span.end]) for span in find_scripts(text)]


@pytest.mark.parametrize(
    ("text", "rule", "found"),
    [
        ("<script>alert(1)</script>", "script-tag", "<script>"),
        ("a <SCRIPT src='//x'>", "script-tag", "<SCRIPT src='//x'>"),
        ("<script/x>", "script-tag", "<script/x>"),
        ("<script\n", "script-tag", "<script\n"),
        ('<iframe src="x">', "embedding-tag", '<iframe src="x">'),
        ("<img src=x onerror=alert(1)>", "event-handler", "onerror="),
        ('<svg/onload="x">', "event-handler", "onload="),
        ("<a href='x'ONCLICK =y>", "event-handler", "ONCLICK ="),
        ("<b onclick={{code}}>", "event-handler", "onclick="),
        ("[x](javascript:alert(1))", "script-url", "javascript:alert(1))"),
        ('href="JavaScript:void(0)"', "script-url", "JavaScript:void(0)"),
        ('src="data:text/html,<b>"', "html-in-data-url", "data:text/html,"),
    ],
)
def test_what_a_browser_would_run_is_found(text: str, rule: str, found: str) -> None:
    assert told(text) == [(rule, found)]


@pytest.mark.parametrize(
    "text",
    [
        "Write a script > 10 lines, <scripted> or <description>",
        "Languages: JavaScript: the good parts, TypeScript:",
        "if a < b and onward = c",
        "<p>turn the light on = now</p>",
        '<script type="application/ld+json">',
        "<Button onClick={handle}>",
        "data: text/html",
        "data:image/png;base64,AAAA",
    ],
)
def test_what_no_browser_would_run_is_not(text: str) -> None:
    assert told(text) == []
