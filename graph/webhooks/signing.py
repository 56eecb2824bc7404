"""Secrets and signatures by the Standard Webhooks specification, version 1: HMAC-SHA256 over id, timestamp and body.

A secret is kept nowhere. It is made again from the registry's signing key and a nonce that is kept with the webhook:
so a copy of the database signs nothing where the key is `PROMPTGRAPH_SECRET`, and there is nothing to decrypt.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
PURPOSE = b"promptgraph webhook secrets 1"
CHECK_BYTES = 8


class SecretMaker:
    """Makes each webhook's secrets, of 32 bytes, out of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, PURPOSE, sha256).digest()

    def make(self, webhook_id: str, nonce: bytes) -> bytes:
        """The secret; the same for the same webhook and nonce."""
        return hmac.new(self._key, webhook_id.encode() + b"\0" + nonce, sha256).digest()


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
