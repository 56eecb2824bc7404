"""The scripts, run on a checkout of stand-ins, so that nothing is downloaded and nothing installed."""

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@dataclass(frozen=True)
class Checkout:
    """A copy of the scripts with a .venv that only takes notes, in a path with spaces."""

    root: Path
    programs: Path

    @property
    def notes(self) -> list[str]:
        file = self.root / "notes"
        return file.read_text().splitlines() if file.exists() else []

    def note(self, path: Path, then: str = "") -> None:
        write_program(path, f'echo "{path.name} $*" >> "{self.root}/notes"\n{then}')

    def run(self, script: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.programs), "/usr/bin", "/bin"])
        environment = {"PATH": path, "HOME": str(self.root), "PYTHONPATH": str(self.root / "modules")}
        command = [str(self.root / "scripts" / script), *arguments]
        return subprocess.run(
            command, cwd=cwd or self.root, env=environment, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "a check out", tmp_path / "programs")
    shutil.copytree(ROOT / "scripts", made.root / "scripts")
    (made.root / "requirements.lock").write_text("")
    (made.root / "pyproject.toml").write_text("")
    write_program(made.programs / "id", "echo 1000")
    binaries = made.root / ".venv" / "bin"
    made.note(binaries / "uv")
    made.note(binaries / "promptgraph", 'pwd >> "$(dirname "$0")/../../notes"')
    write_program(binaries / "python", f'case "$2" in *find_mongod*) echo "{made.programs}/mongod" ;; esac')
    (binaries / "activate").write_text(f"VIRTUAL_ENV='{made.root}/.venv'\n")
    write_program(made.programs / "mongod", "")
    return made


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_can_be_run_and_read(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[1].startswith("# ")
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_serve_sets_up_and_passes_its_arguments_on_from_any_directory(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("serve", "--port", "9000", "--data-dir", "a b", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert checkout.notes[-2:] == ["promptgraph serve --port 9000 --data-dir a b", str(tmp_path)]


def test_a_second_set_up_installs_nothing(checkout: Checkout) -> None:
    assert checkout.run("setup").returncode == 0
    before = checkout.notes
    assert checkout.run("setup").returncode == 0
    assert before
    assert checkout.notes == before


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(checkout: Checkout, changed: str) -> None:
    checkout.run("setup")
    before = len(checkout.notes)
    (checkout.root / changed).write_text("# changed\n")
    checkout.run("setup")
    assert len(checkout.notes) == 2 * before


def test_a_set_up_that_failed_is_tried_again(checkout: Checkout) -> None:
    write_program(checkout.root / ".venv" / "bin" / "uv", "exit 1")
    assert checkout.run("setup").returncode != 0
    checkout.note(checkout.root / ".venv" / "bin" / "uv")
    assert checkout.run("setup").returncode == 0
    assert checkout.notes


def test_without_libcurl_the_line_to_type_is_printed(checkout: Checkout) -> None:
    write_program(checkout.programs / "mongod", "echo 'libcurl.so.4: cannot open shared object file' >&2; exit 127")
    done = checkout.run("setup")
    assert done.returncode == 1
    assert "sudo apt-get install -y libcurl4" in done.stderr


def test_root_gets_libcurl_installed(checkout: Checkout) -> None:
    installed = checkout.root / "installed"
    mongod = f"[ -f '{installed}' ] || {{ echo 'libcurl.so.4: cannot open' >&2; exit 127; }}"
    write_program(checkout.programs / "mongod", mongod)
    write_program(checkout.programs / "id", "echo 0")
    checkout.note(checkout.programs / "apt-get", f"touch '{installed}'")
    assert checkout.run("setup").returncode == 0
    assert [note for note in checkout.notes if "apt-get" in note and note.endswith("libcurl4")]


def test_without_python3_venv_the_line_to_type_is_printed(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / ".venv")
    write_program(checkout.root / "modules" / "ensurepip.py", "")
    (checkout.root / "modules" / "ensurepip.py").write_text("raise ImportError\n")
    done = checkout.run("setup")
    assert done.returncode == 1
    assert "sudo apt-get install -y python3-venv" in done.stderr


LOCKS = [ROOT / "requirements.lock", *sorted((ROOT / "tests" / "faces").glob("*/requirements.lock"))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_names_no_host(lock: Path) -> None:
    assert "://" not in lock.read_text()


def test_every_other_client_is_locked() -> None:
    asked = sorted((ROOT / "tests" / "faces").glob("*/requirements.in"))
    assert asked
    assert [path.with_suffix(".lock") for path in asked] == LOCKS[1:]


@pytest.fixture
def face(checkout: Checkout) -> Path:
    """The folder of another client; uv makes its environment and takes notes of what it is to install."""
    folder = checkout.root / "tests" / "faces" / "some"
    folder.mkdir(parents=True)
    (folder / "requirements.lock").write_text("some==1\n")
    for program in ("chromium", "docker-compose"):
        write_program(checkout.programs / program, "")
    answer_with_uv(checkout, "exit 0")
    return folder


def answer_with_uv(checkout: Checkout, install: str) -> None:
    """uv makes environments whose Python does nothing, and runs `install` for the locks of other clients."""
    made = checkout.root / ".venv-faces" / "some" / "bin"
    makes = f'mkdir -p "{made}" && ln -sf /bin/true "{made}/python"'
    checkout.note(
        checkout.root / ".venv" / "bin" / "uv", f'case "$*" in venv*) {makes} ;; *tests/faces*) {install} ;; esac'
    )


def answer_with_pip(checkout: Checkout, install: str) -> None:
    """pip runs `install`."""
    answers = f'*find_mongod*) echo "{checkout.programs}/mongod" ;; "-m pip"*) {install} ;;'
    checkout.note(checkout.root / ".venv" / "bin" / "python", f'case "$*" in {answers} esac')


def test_an_environment_of_another_client_is_made_once(checkout: Checkout, face: Path) -> None:
    assert checkout.run("setup", "--tests").returncode == 0
    assert [note for note in checkout.notes if f"tests/faces/{face.name}/requirements.lock" in note]
    before = checkout.notes
    assert checkout.run("setup", "--tests").returncode == 0
    assert checkout.notes == before


def test_where_uv_trusts_no_certificate_the_machine_s_are_used(checkout: Checkout, face: Path) -> None:
    answer_with_uv(checkout, '[ -n "$UV_SYSTEM_CERTS" ] || exit 1')
    done = checkout.run("setup", "--tests")
    assert (done.returncode, "trying with pip" in done.stderr, "skipped" in done.stderr) == (0, False, False)
    assert (checkout.root / ".venv-faces" / face.name / ".promptgraph").is_file()


def test_where_uv_cannot_install_pip_does(checkout: Checkout, face: Path) -> None:
    answer_with_uv(checkout, "exit 1")
    answer_with_pip(checkout, "exit 0")
    done = checkout.run("setup", "--tests")
    assert (done.returncode, "skipped" in done.stderr) == (0, False)
    [asked] = [note for note in checkout.notes if "-m pip" in note and "faces" in note]
    assert asked.endswith(f"--require-hashes -r tests/faces/{face.name}/requirements.lock")
    assert f"--python .venv-faces/{face.name}/bin/python" in asked


def test_another_client_that_cannot_be_installed_stops_nothing(checkout: Checkout, face: Path) -> None:
    assert face.is_dir()
    answer_with_uv(checkout, "exit 1")
    answer_with_pip(checkout, "exit 1")
    done = checkout.run("setup", "--tests")
    assert done.returncode == 0
    assert "the tests with it are skipped" in done.stderr


@pytest.mark.parametrize("folder", ["graph/http/graphiql", "tests/clients"])
def test_a_lock_of_npm_s_names_no_place_to_get_a_package(folder: str) -> None:
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    asked += [name for extra in project["project"]["optional-dependencies"].values() for name in extra]
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    names = {name.split(";")[0].split(">=")[0].split("==")[0].strip().lower() for name in asked}
    assert names - locked == set()
