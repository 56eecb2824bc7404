"""Variables of the environment that are a typo away from a setting: nothing else would tell that they do nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher

from pydantic_settings import BaseSettings

from graph.settings import Settings
from search_sync.index.typos import has_few_typos
from search_sync.settings import SyncSettings

_PREFIX = "PROMPTGRAPH_"


def find_slips(variables: Iterable[str]) -> list[tuple[str, str]]:
    """Each variable that is no setting but has a typo or two to one, with the one that may be meant."""
    known = set(_names(Settings)) | {f"SYNC_{name}" for name in _names(SyncSettings)}
    given = [name.removeprefix(_PREFIX) for name in map(str.upper, variables) if name.startswith(_PREFIX)]
    slips = ((name, _nearest(name, known)) for name in sorted(given) if name not in known)
    return [(_PREFIX + name, _PREFIX + meant) for name, meant in slips if meant]


def _nearest(name: str, known: Iterable[str]) -> str | None:
    near = [one for one in sorted(known) if has_few_typos(name, one)]
    return max(near, key=lambda one: SequenceMatcher(None, name, one).ratio(), default=None)


def _names(settings: type[BaseSettings]) -> Iterator[str]:
    """As they stand in the environment, without the prefix: a group of bounds, and each of the bounds."""
    for name, field in settings.model_fields.items():
        yield name.upper()
        if is_dataclass(field.default):
            yield from (f"{name}__{bound.name}".upper() for bound in fields(field.default))
