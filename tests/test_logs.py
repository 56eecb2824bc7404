"""The logs of a process of its own, as they come out."""

import json
import subprocess
import sys

SCRIPT = """
import logging, structlog
from graph.logs import configure_logs
configure_logs("info")
log = structlog.get_logger("x")
def fail(key):
    text_of_a_prompt = "Dear customer"
    raise ValueError("cannot reach mongodb://root:hunter2@db")
log.info("hello", url="redis://:hunter2@cache", headers={"Authorization": "Bearer hunter2"})
for write in (log.error, logging.getLogger("aiohttp.server").error):
    try:
        fail("hunter2")
    except ValueError:
        write("failed", exc_info=True)
logging.getLogger("pymongo").warning("no %s", "mongodb://a:hunter2@b")
logging.getLogger("pymongo").info("chatter")
from pymongo.errors import AutoReconnect
try:
    raise AutoReconnect("db:27017: connection closed")
except AutoReconnect:
    logging.getLogger("pymongo.client").exception("MongoClient background task encountered an error:")
"""


def test_lines_are_json_without_secrets_and_without_local_variables_also_those_of_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        *("hello", "failed", "failed", "no mongodb://[redacted]@b"),
        "the driver tidies up later",
    ]
    assert [line["level"] for line in lines] == ["info", "error", "error", "warning", "warning"]
    assert "exception" not in lines[4], "that a database is away is no fault"
    assert all(line["exception"][0]["exc_type"] == "ValueError" for line in lines[1:3])
    assert "hunter2" not in done.stderr.replace('fail("hunter2")', "")
    assert "Dear customer" not in done.stderr.replace('text_of_a_prompt = "Dear customer"', "")
