"""What is not written down does not exist: every setting, bound, command, error and decision has its line."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from graph.cli import app
from graph.domain import denials, errors, outages
from graph.domain.actors import Scope
from graph.domain.findings import Reactions
from graph.domain.limits import Limits, LiveLimits, RequestLimits, WebhookLimits
from graph.exchange.limits import ExchangeLimits
from graph.settings import Settings
from search_sync.settings import SyncSettings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
SETTINGS, ERRORS, COMMANDS, KEYS = (
    (ROOT / "docs" / f"{topic}.md").read_text("utf-8") for topic in ("settings", "errors", "commands", "keys")
)
LONGEST_README = 250
BOUNDS: dict[str, Limits | RequestLimits | LiveLimits | ExchangeLimits | WebhookLimits] = {
    "LIMITS": Limits(),
    "REQUEST_LIMITS": RequestLimits(),
    "LIVE_LIMITS": LiveLimits(),
    "EXCHANGE_LIMITS": ExchangeLimits(),
    "WEBHOOK_LIMITS": WebhookLimits(),
}


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.upper() not in {*BOUNDS, "CHECKS"}])
def test_there_is_a_row_for_every_setting_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
    shown = f"`{default}`" if default not in (None, "") else "none"
    assert f"| `PROMPTGRAPH_{name.upper()}` | {shown} | {field.description} |" in SETTINGS


@pytest.mark.parametrize("name", [name for name in SyncSettings.model_fields if name not in Settings.model_fields])
def test_there_is_a_row_for_every_setting_of_the_worker_with_its_default(name: str) -> None:
    field = SyncSettings.model_fields[name]
    assert f"| `PROMPTGRAPH_SYNC_{name.upper()}` | `{field.default}` | {field.description} |" in SETTINGS


@pytest.mark.parametrize("group", BOUNDS)
def test_there_is_a_row_for_every_bound_with_its_default(group: str) -> None:
    bounds = BOUNDS[group]
    for bound in fields(bounds):
        row = f"| `PROMPTGRAPH_{group}__{bound.name.upper()}` | {getattr(bounds, bound.name):,} |"
        assert row in SETTINGS


@pytest.mark.parametrize("kind", [kind.name for kind in fields(Reactions)])
def test_there_is_a_row_for_what_follows_each_kind_of_finding(kind: str) -> None:
    assert f"| `PROMPTGRAPH_CHECKS__{kind.upper()}` | `{getattr(Reactions(), kind)}` |" in SETTINGS


@pytest.mark.parametrize("scope", Scope)
def test_there_is_a_row_for_every_scope(scope: Scope) -> None:
    assert f"\n| `{scope.value}` | " in KEYS


def test_there_is_a_row_for_every_command() -> None:
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [str(group.name) for group in app.registered_groups]
    assert names
    for name in names:
        assert f"| `promptgraph {name}" in COMMANDS, name


def _codes() -> set[str]:
    in_domain = {
        value.code
        for module in (errors, denials, outages)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, errors.PromptgraphError)
    }
    sources = [path.read_text("utf-8") for path in sorted((ROOT / "graph" / "http").glob("*.py"))]
    found = {code for source in sources for code in re.findall(r'"([A-Z]{3,}(?:_[A-Z]+)+)"', source)}
    return in_domain | found


def test_there_is_a_row_for_every_error_code() -> None:
    missing = sorted(code for code in _codes() if f"`{code}`" not in ERRORS)
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_leads_only_to_what_there_is(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        led_to = page.parent / path if path else page
        assert led_to.exists(), target
        assert not anchor or anchor in _anchors(led_to), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_has_a_table_of_its_own_is_told_there_only() -> None:
    rows = re.compile(r"^\| `(PROMPTGRAPH_|[A-Z]+(_[A-Z]+)+`)", re.MULTILINE)
    assert [page.name for page in PAGES if rows.search(page.read_text("utf-8"))] == ["errors.md", "settings.md"]


def test_the_readme_is_for_the_first_hour_and_topics_have_pages_in_docs() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [page.name for page in PAGES[2:] if f"(docs/{page.name})" not in readme] == []


def test_decisions_are_numbered_without_gaps_dated_and_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text("utf-8")
        assert re.search(r"^20\d\d-\d\d-\d\d · ", text, re.MULTILINE), path.name
        assert all(f"**{word}.**" in text for word in ("Context", "Rule", "Reach")), path.name
        assert len(text.splitlines()) <= 30, path.name
