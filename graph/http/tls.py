"""TLS by setting: a certificate and its key from files, read again when they change, as `certbot` renews them."""

import asyncio
import ssl
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0


class TLSError(Exception):
    """The certificate or its key cannot be used; the message says why, and names no more than the files."""


class Certificate:
    """The files, and the context that connections are accepted with. Raises TLSError."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._seen = self._look()
        self._load(self.context)

    def reload(self) -> bool:
        """Takes changed files into use for new connections; True when it did. What cannot be used changes nothing."""
        try:
            seen = self._look()
            if seen == self._seen:
                return False
            # Tried apart first: a certificate whose key does not fit would leave the context with half of each.
            self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
            self._load(self.context)
        except TLSError as error:
            log.error("the changed certificate cannot be used, the last one stays", reason=str(error))
            return False
        self._seen = seen
        log.info("certificate read again", file=str(self._files[0]))
        return True

    async def watch(self, seconds: float = LOOK_SECONDS) -> None:
        """Looks for changes, until it is cancelled."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.reload)

    def _look(self) -> tuple[tuple[int, int, int], ...]:
        try:
            stats = [file.stat() for file in self._files]
        except OSError as error:
            raise TLSError(f"{error.filename}: {error.strerror}") from None
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in stats)

    def _load(self, context: ssl.SSLContext) -> None:
        certificate, key = self._files
        try:
            # A key with a passphrase is refused instead of asked for: nobody is there to answer.
            context.load_cert_chain(certificate, key, password=lambda: "")
        except (ssl.SSLError, OSError, ValueError):
            raise TLSError(
                f"{certificate} and {key} are no certificate and its key in PEM without passphrase."
            ) from None
