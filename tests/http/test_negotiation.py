import pytest

from graph.http.negotiation import GRAPHQL_RESPONSE, HTML, JSON, choose_media_type

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CASES = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    (JSON, JSON),
    ("APPLICATION/JSON; charset=utf-8", JSON),
    (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
    (f"{GRAPHQL_RESPONSE}; charset=utf-8", GRAPHQL_RESPONSE),
    (f"{GRAPHQL_RESPONSE}, {JSON};q=0.9", GRAPHQL_RESPONSE),
    (f"{GRAPHQL_RESPONSE},{JSON}", GRAPHQL_RESPONSE),
    (f"{JSON}, {GRAPHQL_RESPONSE}", JSON),
    (f"{GRAPHQL_RESPONSE};q=0.5, {JSON}", JSON),
    (f"{JSON};q=0, */*", GRAPHQL_RESPONSE),
    (f"*/*;q=0.1, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE),
    ("text/html, multipart/mixed;q=0.5", None),
    (f"{JSON};q=0", None),
    (f"{JSON};q=high", None),
    (BROWSER, JSON),
    (";;,,", None),
]


@pytest.mark.parametrize(("accept", "chosen"), CASES)
def test_the_media_type_is_the_one_the_caller_likes_best(accept: str | None, chosen: str | None) -> None:
    assert choose_media_type(accept) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"), [(BROWSER, HTML), (HTML, HTML), ("*/*", JSON), (None, JSON), (f"{JSON}, */*;q=0.1", JSON)]
)
def test_the_page_is_for_those_who_ask_for_html(accept: str | None, chosen: str) -> None:
    assert choose_media_type(accept, with_page=True) == chosen
