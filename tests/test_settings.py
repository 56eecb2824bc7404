import pytest
from pydantic import ValidationError

from graph.settings import Settings


@pytest.mark.parametrize(
    "given",
    [
        {"tls_certificate": "cert.pem"},
        {"tls_key": "key.pem"},
        {"trusted_proxies": "10.0.0.0/8,the proxy"},
        {"allowed_origins": "*"},
    ],
)
def test_settings_that_would_surprise_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**given)  # type: ignore[arg-type]  # as texts, which is how an environment gives them


def test_settings_that_need_each_other_are_taken_together() -> None:
    taken = Settings(
        tls_certificate="cert.pem",
        tls_key="key.pem",
        trusted_proxies="10.0.0.0/8, ::1",
    )
    assert taken.trusted_proxies == ("10.0.0.0/8", "::1")


def test_any_origin_may_be_allowed_where_keys_are_needed() -> None:
    taken = Settings(host="0.0.0.0", allowed_origins="*")
    assert taken.allowed_origins == ("*",)
