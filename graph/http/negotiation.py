"""Which media type to answer in, by the `Accept` header: RFC 9110, section 12.5.1, and GraphQL over HTTP."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"

_OFFERS = (JSON, GRAPHQL_RESPONSE, HTML, EVENT_STREAM)


@lru_cache(maxsize=256)  # a pure function of a few headers that programs send for ever
def choose_media_type(accept: str | None, *, with_page: bool = False) -> str | None:
    """The media type that the caller likes best; None when we have none of those it takes.

    Where it does not care, `application/json` is what older clients understand. `with_page` offers the
    GraphiQL page too. A stream of events is for those who name it.
    """
    if not accept or accept in ("*/*", JSON):
        return JSON
    if accept == GRAPHQL_RESPONSE:
        return GRAPHQL_RESPONSE
    ranges = [_read_range(part) for part in accept.split(",")]
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen = None
    for offer in _OFFERS:
        if offer == HTML and not with_page:
            continue
        specificity, quality, order = max(
            ((_specificity(pattern, offer), quality, -place) for place, (pattern, quality) in enumerate(ranges)),
            default=(0, 0.0, 0),
        )
        rank = (quality, specificity, order if specificity == _EXACT else 0)
        if specificity >= (_EXACT if offer == EVENT_STREAM else 1) and quality > 0 and rank > best:
            best, chosen = rank, offer
    return chosen


_EXACT = 3


def _specificity(pattern: str, offer: str) -> int:
    """How closely a range names the offer: 3 by its name, 2 by `application/*`, 1 by `*/*`, 0 not at all."""
    if pattern == offer:
        return _EXACT
    if pattern == offer.partition("/")[0] + "/*":
        return 2
    return int(pattern == "*/*")


def _read_range(part: str) -> tuple[str, float]:
    """A range and its quality; a quality that is no number is 0, as if the range were not there."""
    pattern, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return pattern, min(float(value), 1.0)
            except ValueError:
                return pattern, 0.0
    return pattern, 1.0


def takes_events(accept: str | None) -> bool:
    """True when the caller takes a stream of events, be it that it likes other answers better."""
    ranges = [_read_range(part) for part in (accept or "").split(",")]
    return any(pattern == EVENT_STREAM and quality > 0 for pattern, quality in ranges)
