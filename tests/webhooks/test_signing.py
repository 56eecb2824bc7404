"""Secrets and signatures, as the receivers' own library reads them."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from graph.webhooks.signing import SecretMaker, check_of, sign, write_secret

NOW = datetime.now(UTC)
BODY = '{"type":"prompt.created","data":{"name":"grüße"}}'.encode()


def test_the_specifications_library_accepts_what_is_signed() -> None:
    secret = SecretMaker(b"key").make("hook", b"nonce")
    headers = sign([secret], "msg_1", NOW, BODY)
    assert Webhook(write_secret(secret)).verify(BODY, headers)["data"]["name"] == "grüße"


def test_the_libraries_common_example_is_signed_alike() -> None:
    secret = b"\x31\xf2\x90\xf6\xbf\x06\x29\x8a\x93\xae\xb4\xe3\x52\x50\xfc\x20\xb3\xe9\x22\x8d\x8b\x68\xb6\x92"
    at = datetime.fromtimestamp(1614265330, UTC)
    ours = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    theirs = Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert ours["webhook-signature"] == theirs
    assert ours["webhook-timestamp"] == "1614265330"


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = (SecretMaker(b"key").make("hook", nonce) for nonce in (b"old", b"new"))
    headers = sign([new, old], "msg_1", NOW, BODY)
    for secret in (old, new):
        Webhook(write_secret(secret)).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(write_secret(SecretMaker(b"other").make("hook", b"new"))).verify(BODY, headers)


def test_a_changed_body_id_or_time_is_noticed() -> None:
    secret = SecretMaker(b"key").make("hook", b"nonce")
    headers = sign([secret], "msg_1", NOW, BODY)
    later = str(int((NOW + timedelta(seconds=9)).timestamp()))
    for body, told in (
        (BODY + b" ", headers),
        (BODY, headers | {"webhook-id": "msg_2"}),
        (BODY, headers | {"webhook-timestamp": later}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(write_secret(secret)).verify(body, told)


def test_each_webhook_nonce_and_key_makes_another_secret_of_32_bytes() -> None:
    made = {SecretMaker(key).make(hook, nonce) for key in (b"k", b"l") for hook in ("a", "b") for nonce in (b"1", b"2")}
    assert len(made) == 8
    assert {len(secret) for secret in made} == {32}
    assert write_secret(next(iter(made))).startswith("whsec_")
    assert len({check_of(secret) for secret in made}) == 8
