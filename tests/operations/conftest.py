"""Operations on a real store, called as every face calls them."""

from tests.fixtures import deps, records, store

__all__ = ["deps", "records", "store"]
