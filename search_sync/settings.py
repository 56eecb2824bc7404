"""Every bound of the worker, and where the database and the index are."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _shared(name: str) -> AliasChoices:
    """A variable that the API reads as well, so it goes without the prefix of ours."""
    return AliasChoices(name, f"PROMPTGRAPH_{name.upper()}")


class SyncSettings(BaseSettings):
    """Each bound is the variable `PROMPTGRAPH_SYNC_` plus its name; what the API shares is `PROMPTGRAPH_` plus it."""

    model_config = SettingsConfigDict(
        env_prefix="PROMPTGRAPH_SYNC_", frozen=True, extra="ignore", populate_by_name=True
    )

    mongodb_url: SecretStr | None = Field(
        None, validation_alias=_shared("mongodb_url"), description="The MongoDB replica set that holds the prompts."
    )
    mongodb_database: str = Field(
        "promptgraph", validation_alias=_shared("mongodb_database"), description="The database's name."
    )
    meilisearch_url: str | None = Field(
        None,
        validation_alias=_shared("meilisearch_url"),
        description="A Meilisearch; when unset, Tantivy is the index.",
    )
    meilisearch_key: SecretStr | None = Field(None, validation_alias=_shared("meilisearch_key"), description="Its key.")
    data_dir: Path = Field(
        Path(".promptgraph"), validation_alias=_shared("data_dir"), description="Where Tantivy keeps its files."
    )

    lease_seconds: float = Field(
        5.0, gt=0, description="How long a worker that says nothing keeps others from taking over."
    )
    beat_seconds: float = Field(
        0.25, gt=0, description="How often the lease, the checkpoint and the status are written while things change."
    )
    batch_items: int = Field(500, ge=1, description="Documents that are given to the index at once, at most.")
    batch_bytes: int = Field(4_194_304, ge=1, description="Bytes of text that are given to the index at once, about.")
    batch_ms: int = Field(
        5,
        ge=0,
        description="How long to gather changes that come one after the other; four times that while many come.",
    )
    pending_ids: int = Field(10_000, ge=1, description="Changed prompts kept in memory before the stream has to wait.")
    await_ms: int = Field(500, ge=1, description="How long MongoDB waits for a change before it answers with none.")
    text_characters: int = Field(65_536, ge=1, description="Characters of a prompt's text that can be found.")
    backoff_seconds: float = Field(
        0.05, gt=0, description="The first wait after a failure; each next is twice as long."
    )
    backoff_most_seconds: float = Field(5.0, gt=0, description="The longest wait after a failure.")
    store_seconds: float = Field(10.0, gt=0, description="How long one call to MongoDB may take.")
    index_seconds: float = Field(120.0, gt=0, description="How long one write to the index may take.")
    order_seconds: float = Field(0.5, gt=0, description="How often orders are looked for.")
    order_tries: int = Field(3, ge=1, description="How often an order that fails is begun before it is given up.")
    order_patience_seconds: float = Field(
        60.0, gt=0, description="How long a command waits while the index does not answer and nothing goes on."
    )
    retry_seconds: float = Field(600.0, gt=0, description="How often refused documents are offered to the index again.")
    retention_days: float = Field(
        0, ge=0, description="Days that events and audit records are kept before the oldest go; 0 is for ever."
    )
    sequence_ms: int = Field(
        10, ge=0, description="Milliseconds from one numbering to the next, at least; four times that while many come."
    )
    sequence_items: int = Field(500, ge=1, description="Events that are numbered in one transaction, about.")
    told_differences: int = Field(10_000, ge=1, description="Differences that `verify` lists; all are counted.")
