"""Every bound on what a caller may give, with its default. `Settings` has one setting for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths are in Unicode code points unless a name says bytes.

    A version includes at most `references` other versions, over all levels, of which there are at most
    `reference_depth`; with them in place its template has at most `expanded_template` characters. `findings` of each
    kind are told on it.

    `feed_events` and `feed_characters` bound the newest events that a process keeps in memory; one who follows the feed
    is told its place after `checkpoint_seconds` in silence, or `checkpoint_events` that are not for it.
    """

    name: int = 255
    title: int = 255
    description: int = 10_000
    category: int = 100
    tag: int = 50
    tags: int = 50
    labels: int = 50
    protected_labels: int = 100
    template: int = 200_000
    parts: int = 200
    messages: int = 1_000
    variables: int = 200
    variable_name: int = 100
    references: int = 100
    reference_depth: int = 5
    expanded_template: int = 500_000
    default_value: int = 10_000
    change_note: int = 2_000
    findings: int = 100
    comment: int = 5_000
    handle: int = 128
    grants: int = 100
    key_overlap_seconds: int = 604_800
    json_bytes: int = 65_536
    json_depth: int = 32
    rendered_bytes: int = 1_048_576
    diff_lines: int = 5_000
    page: int = 100
    default_page: int = 20
    filter_values: int = 100
    facet_values: int = 100
    similar: int = 20
    search_text: int = 1_000
    snippet: int = 160
    highlighted_text: int = 200_000
    embedded_versions: int = 50
    embedded_bytes: int = 524_288
    archive_bytes: int = 983_040
    usage_buckets: int = 1_000
    feed_events: int = 1_000
    feed_characters: int = 16_777_216
    checkpoint_seconds: int = 20
    checkpoint_events: int = 500
    log_records: int = 10_000
    log_counted: int = 100_000
    refusals: int = 200


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one GraphQL request may cost before any of it is validated or run.

    A body has `body_seconds` to arrive, the gateway's too, and a piece of what the gateway streams as long to be taken.
    `nesting` counts brackets in the text, `depth` fields in
    fields; `selections` and `overlaps` count with
    fragments written out; `overlaps` are pairs of selections that answer under the same name, each of which
    validation compares. `cost` is in points; a rate limit counts a request for each `cost_per_request` of them that is
    begun. `documents` and `document_bytes` bound the queries kept parsed.
    """

    body_bytes: int = 1_048_576
    body_seconds: float = 60.0
    query_bytes: int = 65_536
    tokens: int = 4_000
    nesting: int = 64
    depth: int = 20
    aliases: int = 50
    selections: int = 1_000
    overlaps: int = 1_000
    fragments: int = 50
    fragment_depth: int = 20
    directives: int = 50
    root_fields: int = 20
    variable_values: int = 10_000
    variables_bytes: int = 1_015_808
    cost: int = 20_000
    cost_per_request: int = 100
    validation_errors: int = 20
    documents: int = 500
    document_bytes: int = 524_288
    nodes: int = 10_000
    answer_characters: int = 16_777_216
    compared_lines: int = 50_000
    highlight_seconds: float = 0.2
    neighbours: int = 20


@dataclass(frozen=True, slots=True)
class WebhookLimits:
    """What webhooks may take up, and how patient deliveries are.

    An owner may have `hooks`; of each, `waiting` deliveries are kept ahead of its receiver and `parallel` are under way
    at a time, over all of them `requests`. A delivery is tried again after `first_pause_seconds`, then after twice as
    long each time up to `longest_pause_seconds`, for `retry_seconds` in all; the log tells its last `attempts`. An
    attempt takes `attempt_seconds` at most, of which `connect_seconds` for the connection, and `answer_bytes` of what
    is answered are taken in unread. The log keeps `log_entries` of a hook for `log_seconds`. After a rotation the
    former secret signs as well for `secret_overlap_seconds`. New webhooks are looked for every `poll_seconds`, and a
    process that says nothing for `lease_seconds` is followed by another.
    """

    hooks: int = 50
    url: int = 2_000
    waiting: int = 250
    parallel: int = 8
    requests: int = 64
    attempts: int = 50
    retry_seconds: float = 86_400.0
    first_pause_seconds: float = 5.0
    longest_pause_seconds: float = 1_800.0
    attempt_seconds: float = 15.0
    connect_seconds: float = 5.0
    answer_bytes: int = 65_536
    log_entries: int = 10_000
    log_seconds: float = 604_800.0
    secret_overlap_seconds: float = 86_400.0
    poll_seconds: float = 1.0
    lease_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """What connections that stay open may cost: WebSockets and streams of server-sent events.

    `connections` and `subscriptions` are of one process, `strangers` those WebSockets of one address (of IPv6, of one
    /64) that no key has come on; `operations` run at once on one connection, and `messages` are
    read from it in a second; what comes faster waits. `backlog_bytes` may wait to be sent to one connection, and when
    nothing could be sent for `send_seconds` it is dropped. `shared_events` and `shared_bytes` bound what is kept ready
    for those who join a stream that others read already.
    """

    connections: int = 10_000
    strangers: int = 500
    subscriptions: int = 20_000
    operations: int = 100
    message_bytes: int = 1_048_576
    messages: int = 100
    backlog_bytes: int = 1_048_576
    send_seconds: int = 10
    init_seconds: int = 10
    heartbeat_seconds: int = 15
    shared_events: int = 256
    shared_bytes: int = 1_048_576
    wait_seconds: int = 60
