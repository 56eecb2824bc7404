"""What the documentation tells partners to do works."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graph.webhooks.signing import SecretMaker, sign, write_secret

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def test_the_ten_lines_of_the_documentation_verify_a_delivery_and_nothing_else() -> None:
    code = PAGE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    verify, now, body = names["verify"], datetime.now(UTC), b'{"type":"prompt.created"}'
    old, new = (SecretMaker(b"key").make("hook", nonce) for nonce in (b"old", b"new"))
    headers = sign([new, old], "msg_1", now, body)
    assert verify(write_secret(old), headers, body)
    assert verify(write_secret(new), headers, body)
    assert not verify(write_secret(new), headers, body + b" ")
    assert not verify(write_secret(SecretMaker(b"another").make("hook", b"new")), headers, body)
    assert not verify(write_secret(new), sign([new], "msg_1", now - timedelta(hours=1), body), body)
