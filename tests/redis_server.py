"""A real redis-server for a test, where one is installed."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest

PATIENCE = 20.0  # seconds: on a busy machine it is not to be passed by


@pytest.fixture
def redis_url() -> Iterator[str]:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("needs redis-server, which Debian's package of that name brings")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as place:
        command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", place]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("redis-server does not listen")
