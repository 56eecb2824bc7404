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
        {"allowed_origins": "http://localhost:3000,https://*"},
        {"allowed_origins": "HTTP://*:8080"},
        {"allowed_origins": "https://*.com"},
        {"allowed_origins": "https://app.*"},
        {"allowed_origins": "*://*"},
        {"allowed_hosts": "box.local,*"},
        {"upstream_url": "api.openai.com/v1"},
        {"upstream_url": ""},
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
    taken = Settings(host="0.0.0.0", allowed_origins="*", allowed_hosts="*")
    assert (taken.allowed_origins, taken.allowed_hosts) == (("*",), ("*",))


@pytest.mark.parametrize(
    "origin", ["https://*.example.com", "https://*.localhost:3000", "moz-extension://*", "http://localhost:*"]
)
def test_a_star_may_stand_for_names_of_ones_own_where_none_are_needed(origin: str) -> None:
    assert Settings(allowed_origins=origin).allowed_origins == (origin,)
