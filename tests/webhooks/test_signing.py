"""Secrets and signatures, as the receivers' own library reads them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from graph.domain.feed import EventFilter
from graph.domain.webhooks import SecretMark, Webhook
from graph.webhooks.signing import SecretLostError, SecretMaker, check_of, sign, write_secret

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BODY = '{"type":"prompt.created","data":{"name":"grüße"}}'.encode()


def test_the_specifications_library_accepts_what_is_signed() -> None:
    secret = SecretMaker(b"key").make("hook", b"nonce")
    headers = sign([secret], "msg_1", datetime.now(UTC), BODY)
    assert Verifier(write_secret(secret)).verify(BODY, headers)["data"]["name"] == "grüße"


def test_the_libraries_common_example_is_signed_alike() -> None:
    secret = b"\x31\xf2\x90\xf6\xbf\x06\x29\x8a\x93\xae\xb4\xe3\x52\x50\xfc\x20\xb3\xe9\x22\x8d\x8b\x68\xb6\x92"
    at = datetime.fromtimestamp(1614265330, UTC)
    ours = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    theirs = Verifier(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert ours["webhook-signature"] == theirs
    assert ours["webhook-timestamp"] == "1614265330"


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = (SecretMaker(b"key").make("hook", nonce) for nonce in (b"old", b"new"))
    headers = sign([new, old], "msg_1", datetime.now(UTC), BODY)
    for secret in (old, new):
        Verifier(write_secret(secret)).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(write_secret(SecretMaker(b"other").make("hook", b"new"))).verify(BODY, headers)


def test_a_changed_body_id_or_time_is_noticed() -> None:
    secret = SecretMaker(b"key").make("hook", b"nonce")
    headers = sign([secret], "msg_1", datetime.now(UTC), BODY)
    later = str(int((datetime.now(UTC) + timedelta(seconds=9)).timestamp()))
    for body, told in (
        (BODY + b" ", headers),
        (BODY, headers | {"webhook-id": "msg_2"}),
        (BODY, headers | {"webhook-timestamp": later}),
    ):
        with pytest.raises(WebhookVerificationError):
            Verifier(write_secret(secret)).verify(body, told)


def test_each_webhook_nonce_and_key_makes_another_secret_of_32_bytes() -> None:
    made = {SecretMaker(key).make(hook, nonce) for key in (b"k", b"l") for hook in ("a", "b") for nonce in (b"1", b"2")}
    assert len(made) == 8
    assert {len(secret) for secret in made} == {32}
    assert write_secret(next(iter(made))).startswith("whsec_")
    assert len({check_of(secret) for secret in made}) == 8


def hook(*marks: SecretMark) -> Webhook:
    return Webhook("hook", "", EventFilter(), "ada", None, frozenset(), (), marks, 0, NOW)


def test_secrets_are_made_again_as_they_were_as_long_as_they_hold() -> None:
    maker, later = SecretMaker(b"key"), NOW + timedelta(hours=1)
    present, former = maker.mark("hook", b"new"), replace(maker.mark("hook", b"old"), until=later)
    both = [maker.make("hook", b"new"), maker.make("hook", b"old")]
    assert maker.remake(hook(present, former), NOW) == both
    assert maker.remake(hook(present, former), later) == both[:1]


def test_with_another_key_the_secret_is_lost() -> None:
    with pytest.raises(SecretLostError):
        SecretMaker(b"another").remake(hook(SecretMaker(b"key").mark("hook", b"new")), NOW)
