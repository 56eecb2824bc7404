"""Every setting, read from the environment. Only `cli`, `standalone` and `app` read it."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, IPvAnyNetwork, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.domain.findings import Reactions
from graph.domain.limits import Limits, LiveLimits, RequestLimits, WebhookLimits
from graph.exchange.limits import ExchangeLimits

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _comma_separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]

Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_comma_separated)]


class Settings(BaseSettings):
    """Each field is the variable `PROMPTGRAPH_` plus its name, a bound is `PROMPTGRAPH_LIMITS__` plus the bound's."""

    model_config = SettingsConfigDict(env_prefix="PROMPTGRAPH_", env_nested_delimiter="__", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="The address to listen on. Any but a loopback one requires keys.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    data_dir: Path = Field(Path(".promptgraph"), description="Where the private database and the embedded index lie.")
    mongodb_url: SecretStr | None = Field(
        None, description="A MongoDB replica set, 6.0 to 8.x. When set, none is started and keys are required."
    )
    mongodb_database: str = Field("promptgraph", description="The database's name.")
    meilisearch_url: str | None = Field(
        None, description="A Meilisearch server for discovery. When unset, an embedded index in the data directory is."
    )
    meilisearch_key: SecretStr | None = Field(None, description="The key for it.")
    index_timeout_seconds: float = Field(1.5, gt=0, description="How long one question to the search index may take.")
    redis_url: SecretStr | None = Field(
        None, description="A Redis for version cache and rate limits; in memory when unset."
    )
    redis_timeout_seconds: float = Field(
        0.2, gt=0, description="How long one question to Redis may take, before it is passed by for a while."
    )
    secret: SecretStr | None = Field(
        None,
        description="Signs cursors and tokens, makes webhooks' secrets. When unset, a key made once and kept in "
        "MongoDB does.",
    )
    anonymous: Literal["none", "public"] = Field(
        "none", description="What a caller without a key reads: nothing, or PUBLIC prompts."
    )
    allowed_hosts: Names = Field((), description="Further names the server answers to, comma-separated; `*` is any.")
    allowed_origins: Names = Field((), description="Web origins that may call the API, comma-separated.")
    introspection: bool = Field(True, description="Whether callers may ask for the schema, as explorers do.")
    show_cost: bool = Field(True, description="Whether answers tell what they cost, in `extensions.cost`.")
    tls_certificate: Path | None = Field(
        None, description="A certificate with its chain, in PEM, to serve TLS with; renewed files are noticed."
    )
    tls_key: Path | None = Field(None, description="The key for it, in PEM without passphrase.", validate_default=True)
    public_url: str | None = Field(
        None, description="Where clients reach the server, for code that it writes; as each has called it when unset."
    )
    trusted_proxies: Names = Field(
        (), description="Addresses and networks of our own proxies, comma-separated: their word on callers is taken."
    )
    forwarded_header: Literal["X-Forwarded-For", "Forwarded"] = Field(
        "X-Forwarded-For", description="The header in which they say it; `Forwarded` is RFC 7239's."
    )
    rate_limit: int = Field(
        6000, ge=0, description="Requests of one key in a window; 0: no limit. Local administrators have none."
    )
    rate_limit_anonymous: int = Field(
        600, ge=0, description="Requests of one address without a good key in a window; 0: no limit."
    )
    rate_limit_seconds: float = Field(60.0, ge=1, description="How long the window is; a bucket refills evenly in it.")
    rate_limit_callers: int = Field(100_000, ge=1, description="Callers that are counted in memory, at most.")
    protected_labels: Names = Field(
        ("production",),
        description="Labels that only holders of labels:protected may move, comma-separated, until `labelProtect` or "
        "`labelUnprotect` says otherwise.",
    )
    store_timeout_seconds: float = Field(1.25, gt=0, description="How long one database operation may take.")
    usage_flush_seconds: float = Field(10.0, gt=0, description="How often recorded renderings are written.")
    refusal_flush_seconds: float = Field(
        60.0, gt=0, description="How often refused attempts are written to the audit, counted by caller and operation."
    )
    key_use_flush_seconds: float = Field(10.0, gt=0, description="How often the last use of each key is written.")
    upstream_url: str | None = Field(
        None, description="A provider of models that speaks OpenAI's protocol. When unset, the built-in `echo` answers."
    )
    upstream_key: SecretStr | None = Field(None, description="The key for it.")
    upstream_model: str | None = Field(
        None, description="The model of calls that name none, with a prompt that names none."
    )
    upstream_timeout_seconds: float = Field(600.0, gt=0, description="How long the provider may be silent.")
    upstream_connect_seconds: float = Field(10.0, gt=0, description="How long connecting to it may take.")
    upstream_connections: int = Field(1_000, gt=0, description="Connections to it at once, at most.")
    upstream_answer_bytes: int = Field(67_108_864, gt=0, description="Bytes of one of its answers, at most.")
    upstream_counts_streams: bool = Field(
        True, description="Ask it for the usage of each stream; off for providers without `stream_options`."
    )
    model_map: dict[str, str] = Field({}, description='Our names for its models, as JSON: `{"fast": "gpt-5-mini"}`.')
    model_fallbacks: dict[str, tuple[str, ...]] = Field(
        {}, description='Who steps in for a model that fails or is at its limit, as JSON: `{"fast": ["slow"]}`.'
    )
    gateway_body_bytes: int = Field(8_388_608, gt=0, description="Bytes of one call to the gateway, at most.")
    cache_entries: int = Field(10_000, ge=0, description="Versions kept in memory, at most.")
    cache_bytes: int = Field(67_108_864, ge=0, description="Bytes of versions kept in memory, at most.")
    kept_entries: int = Field(2_000, ge=0, description="Prompts, and keys, kept in memory, at most.")
    kept_bytes: int = Field(67_108_864, ge=0, description="Bytes of them kept in memory, at most: so many of each.")
    kept_seconds: float = Field(
        1.0,
        ge=0,
        description="When MongoDB was not heard from for so long, what is kept of prompts and keys is asked of it each "
        "time; 0: always.",
    )
    webhook_allowed_networks: Networks = Field(
        (), description="Networks beside the public internet that webhooks may go to, such as 10.1.0.0/16."
    )
    webhook_allow_http: bool = Field(False, description="Whether webhooks may go to http URLs as well.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged, to stderr.")
    checks: Reactions = Reactions()
    limits: Limits = Limits()
    request_limits: RequestLimits = RequestLimits()
    live_limits: LiveLimits = LiveLimits()
    exchange_limits: ExchangeLimits = ExchangeLimits()
    webhook_limits: WebhookLimits = WebhookLimits()

    @field_validator("allowed_hosts")
    @classmethod
    def _refuse_any_host_for_administrators(cls, value: Names, info: ValidationInfo) -> Names:
        if "*" in value and _needs_no_key(info):
            raise ValueError("here every caller is the administrator, so `*` would make every web page one: list names")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _refuse_any_origin_for_administrators(cls, value: Names, info: ValidationInfo) -> Names:
        for origin in value:
            if _is_any_page(origin) and _needs_no_key(info):
                raise ValueError(f"here every caller is the administrator, so `{origin}` would make any web page one")
        return value

    @field_validator("tls_key")
    @classmethod
    def _need_both_files(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if (value is None) != (info.data.get("tls_certificate") is None):
            raise ValueError("a certificate and its key go together: set PROMPTGRAPH_TLS_CERTIFICATE and _KEY")
        return value

    @field_validator("upstream_url")
    @classmethod
    def _need_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("write it with http:// or https://, up to the /v1 that most have")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _read_networks(cls, value: Names) -> Names:
        for proxy in value:
            ip_network(proxy, strict=False)
        return value


def _needs_no_key(info: ValidationInfo) -> bool:
    return info.data.get("mongodb_url") is None and info.data.get("host") in LOOPBACK


def _is_any_page(origin: str) -> bool:
    """True where a star lets in the pages of people unknown: not a domain's own names, nor those of an extension."""
    scheme, _, rest = origin.lower().partition("://")
    if origin == "*" or "*" not in (host := rest.partition(":")[0]):
        return origin == "*"
    domain = host.rpartition("*")[2]
    is_of_the_web = "*" in scheme or scheme in ("http", "https")
    return is_of_the_web and domain != ".localhost" and domain.count(".") < 2
