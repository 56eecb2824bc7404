"""The bounds on files, each with its default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """What one import may read, and how long it waits for a database that does not answer.

    A prompt's own bounds are `graph.domain.limits.Limits`.
    """

    file_bytes: int = 134_217_728
    line_bytes: int = 268_435_456
    markdown_bytes: int = 4_194_304
    yaml_depth: int = 64
    folder_depth: int = 128
    folder_files: int = 100_000
    patience_seconds: float = 30.0
