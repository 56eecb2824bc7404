"""Seconds from `promptgraph serve` to ready and from SIGTERM to gone, on a new data directory and on one in use.

Run it as `.venv/bin/python -m benchmarks.startup [STARTS]`. Aim: under 5 seconds on a second start.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_COMMAND = Path(sys.executable).with_name("promptgraph")
_PATIENCE_SECONDS = 60


def measure(data_dir: Path) -> tuple[float, float]:
    """Seconds until the line with the URL, and until it has left after SIGTERM."""
    command = [str(_COMMAND), "serve", "--port", "0", "--data-dir", str(data_dir)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        line = server.stdout.readline()
        ready = time.perf_counter() - started
        if "http" not in line:
            raise SystemExit(f"The server did not start: {line or 'it said nothing'}")
        server.send_signal(signal.SIGTERM)
        started = time.perf_counter()
        server.wait(_PATIENCE_SECONDS)
    return ready, time.perf_counter() - started


def main() -> None:
    """Start and stop the server on one data directory, as often as asked, three times by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("starts", type=int, nargs="?", default=3, help="how often it is started; 3 unless said")
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory(prefix="promptgraph-") as place:
        print(f"{'start':>5}  {'ready':>8}  {'stopped':>8}")
        for turn in range(1, starts + 1):
            ready, stopped = measure(Path(place, "data"))
            print(f"{turn:>5}  {ready:>6.2f} s  {stopped:>6.2f} s")


if __name__ == "__main__":
    main()
