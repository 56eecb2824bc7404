"""Secrets and signatures by the Standard Webhooks specification, version 1: HMAC-SHA256 over id, timestamp and body.

A secret is kept nowhere. It is made again from a key that is derived from the registry's own, and a nonce that is kept
with the webhook: a copy of the database signs nothing where that key is `PROMPTGRAPH_SECRET`, and there is nothing to
decrypt. See docs/decisions/0012.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from graph.domain.webhooks import SecretMark, Webhook

PREFIX = "whsec_"
CHECK_BYTES = 8


class SecretLostError(Exception):
    """The signing key is another one than when the secret was made: it cannot be made again."""


class SecretMaker:
    """Makes each webhook's secrets, of 32 bytes, out of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, webhook_id: str, nonce: bytes) -> bytes:
        """The secret; the same for the same webhook and nonce."""
        return hmac.new(self._key, webhook_id.encode() + b"\0" + nonce, sha256).digest()

    def mark(self, webhook_id: str, nonce: bytes) -> SecretMark:
        """What is kept of a new secret."""
        return SecretMark(nonce, check_of(self.make(webhook_id, nonce)))

    def remake(self, webhook: Webhook, now: datetime) -> list[bytes]:
        """The secrets that hold now, the present one first. Raises SecretLostError."""
        made = []
        for mark in webhook.secrets:
            secret = self.make(webhook.id, mark.nonce)
            if mark.until is None and check_of(secret) != mark.check:
                raise SecretLostError
            if mark.until is None or mark.until > now:
                made.append(secret)
        return made


def check_of(secret: bytes) -> bytes:
    """What tells later whether a secret was made again as it was: it says nothing of the secret."""
    return sha256(b"check\0" + secret).digest()[:CHECK_BYTES]


def write_secret(secret: bytes) -> str:
    """As it is shown to its owner, and as the specification's libraries take it."""
    return PREFIX + base64.b64encode(secret).decode()


def sign(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of an attempt, with one signature for each secret that holds."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.new(secret, signed, sha256).digest()).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
