"""TLS with certificates that openssl makes."""

import asyncio
import os
import shutil
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from graph.http.runner import make_runner
from graph.http.tls import Certificate, TLSError
from tests.http.toy import make_app
from tests.store.mongod.conftest import wait_until

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, which Debian brings")


def make_files(place: Path, name: str) -> tuple[Path, Path]:
    """A new certificate for `name`, in files that stay the same."""
    certificate, key = place / "cert.pem", place / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", f"/CN={name}", "-days", "1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


async def served_name(port: int) -> str:
    """Whom the certificate of a new connection names, by its raw bytes."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
    raw: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return next(name for name in ("first", "second") if name.encode() in raw)


async def test_a_renewed_certificate_is_taken_into_use_and_a_broken_one_is_not(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = make_files(tmp_path, "first")
    certificate = Certificate(*files)
    runner = make_runner(make_app(), shutdown_seconds=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate.context).start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as session, session.get(f"https://127.0.0.1:{port}/livez", ssl=False) as got:
            assert got.status == 200
            assert got.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert await served_name(port) == "first"
        assert not certificate.reload()
        make_files(tmp_path, "second")
        assert certificate.reload()
        assert await served_name(port) == "second"
        # A certificate that came before its key: half of the two must not be taken into use.
        files[0].write_bytes(make_files(tmp_path_factory.mktemp("other"), "first")[0].read_bytes())
        with capture_logs() as lines:
            assert not certificate.reload()
        assert [line["event"] for line in lines if line["log_level"] == "error"] == [
            "the changed certificate cannot be used, the last one stays"
        ]
        assert await served_name(port) == "second"
    finally:
        await runner.cleanup()


def test_files_that_are_no_certificate_are_refused_by_name(tmp_path: Path) -> None:
    certificate, key = make_files(tmp_path, "first")
    with pytest.raises(TLSError, match=r"nowhere\.pem"):
        Certificate(tmp_path / "nowhere.pem", key)
    with pytest.raises(TLSError, match="without passphrase"):
        Certificate(key, certificate)


def test_old_versions_of_tls_are_not_spoken(tmp_path: Path) -> None:
    assert Certificate(*make_files(tmp_path, "first")).context.minimum_version >= ssl.TLSVersion.TLSv1_2


async def test_a_change_is_noticed_while_it_serves(tmp_path: Path) -> None:
    files = make_files(tmp_path, "first")
    certificate = Certificate(*files)
    watching = asyncio.create_task(certificate.watch(seconds=0.01))
    os.utime(files[0], ns=(1, 1))
    with capture_logs() as lines:
        await wait_until(lambda: any(line["event"] == "certificate read again" for line in lines))
    watching.cancel()
