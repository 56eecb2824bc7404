"""Secrets, by the forms that those who issue them give them, and values that are named as secrets.

A form is only taken for a secret when it looks drawn by lot: what documentation writes (`sk-xxxx…`, `AKIA…EXAMPLE`)
is none.
"""

import re
from collections.abc import Iterator

from graph.checks.rules import Rule, Span, find_all
from graph.domain.findings import FindingKind, Severity

_FEWEST_DIFFERENT = 8
_TURNS = re.compile(r"[0-9](?=[A-Za-z])|[A-Za-z](?=[0-9])")
_FEWEST_TURNS = 3  # `minimum12characters` has two; what is drawn by lot has many
_SAMPLES = re.compile(
    r"example|sample|placeholder|dummy|redacted|xxxx|\.\.\.|your[_-]|abcdef|12345|09876|changeme|<|\{", re.IGNORECASE
)
_STAND_INS = frozenset({"password", "passwd", "pass", "secret", "user", "pwd", "token", "postgres", "root", "admin"})
_NAMED_SECRET = re.compile(
    r"(?:secret|passw(?:or)?d|passwd|(?:api|access|private)[ _-]?key|(?:access|auth|bearer|refresh)[ _-]?token)"
    r"[\"'`*]{0,3} {0,3}\Z",
    re.IGNORECASE,
)
_REACH = 32


def find_secrets(text: str) -> Iterator[Span]:
    """The secrets in the text."""
    return find_all(RULES, text)


def _is_drawn_by_lot(match: re.Match[str]) -> bool:
    token = match["found"]
    return len(set(token)) >= _FEWEST_DIFFERENT and not _SAMPLES.search(token)


def _is_named_secret(match: re.Match[str]) -> bool:
    if len(_TURNS.findall(match["found"])) < _FEWEST_TURNS:
        return False
    before = match.string[max(0, match.start() - _REACH) : match.start()]
    return _is_drawn_by_lot(match) and _NAMED_SECRET.search(before) is not None


def _is_password(match: re.Match[str]) -> bool:
    return match["found"].lower() not in _STAND_INS and not _SAMPLES.search(match["found"])


def _token(name: str, form: str, *needles: str) -> Rule:
    """A token that stands by itself. `needles` are its beginnings."""
    forms = "|".join(rf"{begin}(?<![A-Za-z0-9_]{begin}){form}" for begin in map(re.escape, needles))
    pattern = re.compile(rf"(?P<found>{forms})(?![A-Za-z0-9])")
    return Rule(name, FindingKind.SECRET, Severity.HIGH, needles, pattern, _is_drawn_by_lot)


RULES = (
    _token("promptgraph-key", r"[A-Za-z0-9_-]{43}+", "pg_"),
    _token("openai-key", r"[A-Za-z0-9_-]{20,250}+", "sk-proj-", "sk-svcacct-", "sk-admin-"),
    _token("openai-key", r"[A-Za-z0-9]{32,64}+", "sk-"),
    _token("anthropic-key", r"[a-z]{2,8}\d\d-[A-Za-z0-9_-]{32,150}+", "sk-ant-"),
    _token("openrouter-key", r"[0-9a-f]{64}+", "sk-or-v1-"),
    _token("langfuse-key", r"[0-9a-f-]{36}+", "sk-lf-"),
    _token("google-key", r"[A-Za-z0-9_-]{35}+", "AIza"),
    _token("hugging-face-token", r"[A-Za-z0-9]{34}+", "hf_"),
    _token("groq-key", r"[A-Za-z0-9]{52}+", "gsk_"),
    _token("aws-access-key", r"[A-Z2-7]{16}+", "AKIA", "ASIA"),
    _token("github-token", r"[A-Za-z0-9]{36,255}+", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _token("github-token", r"[A-Za-z0-9_]{60,255}+", "github_pat_"),
    _token("gitlab-token", r"[A-Za-z0-9_-]{20,100}+", "glpat-"),
    _token("slack-token", r"\d[A-Za-z0-9-]{20,200}+", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-"),
    _token(
        "slack-webhook", r"T[A-Z0-9]{7,12}/B[A-Z0-9]{7,12}/[A-Za-z0-9]{20,30}+", "https://hooks.slack.com/services/"
    ),
    _token("stripe-key", r"[A-Za-z0-9]{20,200}+", "sk_live_", "rk_live_", "sk_test_", "rk_test_"),
    _token("webhook-secret", r"[A-Za-z0-9+/]{24,100}+", "whsec_"),
    _token("sendgrid-key", r"[A-Za-z0-9_-]{22}+\.[A-Za-z0-9_-]{43}+", "SG."),
    _token("npm-token", r"[A-Za-z0-9]{36}+", "npm_"),
    _token("pypi-token", r"[A-Za-z0-9_-]{50,250}+", "pypi-AgE"),
    _token("docker-token", r"[A-Za-z0-9_-]{27}+", "dckr_pat_"),
    _token("digitalocean-token", r"[a-f0-9]{64}+", "dop_v1_", "doo_v1_", "dor_v1_"),
    Rule(
        "json-web-token",
        FindingKind.SECRET,
        Severity.HIGH,
        ("eyJ",),
        # Nothing that could be part of a token stands before it, so that no part of one is read twice.
        re.compile(
            r"eyJ(?<![A-Za-z0-9_.-]eyJ)[A-Za-z0-9_-]{10,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{16,}+",
        ),
    ),
    Rule(
        "private-key",
        FindingKind.SECRET,
        Severity.HIGH,
        ("-----BEGIN ",),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[A-Za-z0-9+/=:,.()\s\\]|-(?!-)){40,}+(?:-----END [A-Z0-9 ]{1,60}-----)?"
        ),
    ),
    Rule(
        "password-in-url",
        FindingKind.SECRET,
        Severity.HIGH,
        ("://",),
        re.compile(r"://[^\s/:@\"'`<>{}\[\]$]{0,100}+:(?P<found>[^\s/:@\"'`<>{}\[\]$]{3,200}+)@"),
        _is_password,
    ),
    Rule(
        "named-secret",
        FindingKind.SECRET,
        Severity.MEDIUM,
        (),
        re.compile(
            r"[:=]\s{0,3}+[\"'`]?(?P<found>[A-Za-z0-9+/_~!@#%^&*-]{12,200}+={0,2})(?=[\"'`\s,;)}\]]|\.\s|\.?\Z)"
        ),
        _is_named_secret,
    ),
)
