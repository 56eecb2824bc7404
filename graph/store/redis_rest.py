"""A Redis that does not answer is left alone for a while: what it does for us can be done without it, and slower."""

import time

import structlog

REDIS_REST_SECONDS = 5.0

log = structlog.get_logger(__name__)


class RedisRest:
    """While `is_on`, nobody asks. `event` says in the log what is done meanwhile."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it is left alone now."""
        return time.monotonic() < self._until

    def begin(self, error: Exception) -> None:
        """Tells of the failure, but for those who asked at the same time and fail as well."""
        if not self.is_on:
            log.warning(self._event, seconds=REDIS_REST_SECONDS, reason=type(error).__name__)
        self._until = time.monotonic() + REDIS_REST_SECONDS
