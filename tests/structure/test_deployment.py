"""Dockerfile and docker-compose.yml, as far as they can be checked without an engine."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
docker_compose = shutil.which("docker-compose")


def run_compose(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    assert docker_compose
    (place / "empty.env").touch()  # or it would read the .env of whoever works here
    plain = {name: value for name, value in os.environ.items() if name != "MEILI_MASTER_KEY"}
    return subprocess.run(
        [docker_compose, "--file", str(ROOT / "docker-compose.yml"), "--env-file", str(place / "empty.env"), "config"],
        env=plain | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def list_variables(text: str) -> set[str]:
    return set(re.findall(r"\bPROMPTGRAPH_(\w+)[=:]", text))


@pytest.mark.skipif(docker_compose is None, reason="needs docker-compose, as Debian's package has it")
class TestWithDockerCompose:
    def test_it_accepts_the_file(self, tmp_path: Path) -> None:
        done = run_compose(tmp_path, MEILI_MASTER_KEY="sixteen-bytes-or-more")
        assert done.returncode == 0, done.stderr
        services: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
        assert {"mongo", "meilisearch", "web"} <= set(services)

    def test_it_says_what_to_do_without_a_master_key(self, tmp_path: Path) -> None:
        done = run_compose(tmp_path)
        assert done.returncode != 0
        assert "MEILI_MASTER_KEY" in done.stderr
        assert ".env" in done.stderr


def test_only_the_server_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_the_replica_set_makes_itself_and_the_server_waits_for_it() -> None:
    mongo, web = COMPOSE["services"]["mongo"], COMPOSE["services"]["web"]
    assert mongo["image"] == "mongo:8"
    name = mongo["command"][mongo["command"].index("--replSet") + 1]
    assert f'rs.initiate({{_id: "{name}"' in mongo["healthcheck"]["test"][-1]
    assert web["environment"]["PROMPTGRAPH_MONGODB_URL"].endswith(f"replicaSet={name}")
    assert web["depends_on"]["mongo"]["condition"] == "service_healthy"


def test_images_are_pinned() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if image != "promptgraph" and not re.search(r":v?\d", image)] == []


def test_server_and_worker_stand_on_the_same_database_and_index() -> None:
    web, worker = (COMPOSE["services"][name]["environment"] for name in ("web", "worker"))
    for name in ("PROMPTGRAPH_MONGODB_URL", "PROMPTGRAPH_MEILISEARCH_URL", "PROMPTGRAPH_MEILISEARCH_KEY"):
        assert web[name] == worker[name]


def test_the_image_holds_every_package_of_the_project() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (\w+) \./", DOCKERFILE, re.MULTILINE)
    assert set(packages["packages"]) <= set(copied)


def test_every_variable_that_the_server_is_given_is_a_setting() -> None:
    given = {name.removeprefix("PROMPTGRAPH_") for name in COMPOSE["services"]["web"]["environment"]}
    given |= list_variables(DOCKERFILE)
    assert {name.lower() for name in given} <= set(Settings.model_fields)
    assert given


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0|root)", last, re.MULTILINE)
    assert "/readyz" in last.partition("HEALTHCHECK")[2]


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for copy in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in copy.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in sent, source
