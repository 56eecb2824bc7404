"""The language of Meilisearch's filters, read as strictly as its reference says."""

import re
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Test = Callable[[Document], bool]

_TOKEN = re.compile(r'\s*("[^"\\]*"|>=|[()\[\],>=]|[\w.+-]+)')


class ApiError(Exception):
    """An answer of the server that is an error."""

    def __init__(self, status: int, fault: str, reason: str, **body: str) -> None:
        super().__init__(reason)
        self.status = status
        self.body = {"message": reason, "code": fault, "type": "invalid_request", "link": "", **body}


class FilterReader:
    """Reads a filter expression: AND binds closer than OR."""

    def __init__(self, text: str, filterable: list[dict[str, Any]]) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s+", "", text):
            raise ApiError(400, "invalid_search_filter", f"Cannot read the filter {text!r}.")
        self._features = {name: one["features"]["filter"] for one in filterable for name in one["attributePatterns"]}

    def read(self) -> Test:
        if not self._tokens:
            return lambda document: True
        test = self._read_or()
        if self._tokens:
            raise ApiError(400, "invalid_search_filter", f"Cannot read {self._tokens}.")
        return test

    def _read_or(self) -> Test:
        tests = [self._read_and()]
        while self._take("OR"):
            tests.append(self._read_and())
        return lambda document: any(test(document) for test in tests)

    def _read_and(self) -> Test:
        tests = [self._read_condition()]
        while self._take("AND"):
            tests.append(self._read_condition())
        return lambda document: all(test(document) for test in tests)

    def _read_condition(self) -> Test:
        if self._take("("):
            inner = self._read_or()
            assert self._take(")")
            return inner
        name, operator = self._tokens.pop(0), self._tokens.pop(0)
        feature = "comparison" if operator in {">", ">="} else "equality"
        if not self._features.get(name, {}).get(feature):
            raise ApiError(400, "invalid_search_filter", f"{name} is not filterable by {operator}.")
        if operator == "IN":
            wanted = self._read_list()
            return lambda document: any(str(value) in wanted for value in values_of(document, name))
        value = self._tokens.pop(0).strip('"')
        if operator == "=":
            return lambda document: value in {str(held).lower() for held in values_of(document, name)}
        least = float(value)
        return lambda document: any(
            held > least or (operator == ">=" and held == least) for held in values_of(document, name)
        )

    def _read_list(self) -> set[str]:
        assert self._take("[")
        wanted: set[str] = set()
        while not self._take("]"):
            wanted.add(self._tokens.pop(0).strip('"').lower())
            self._take(",")
        return wanted

    def _take(self, token: str) -> bool:
        is_next = bool(self._tokens) and self._tokens[0] == token
        if is_next:
            self._tokens.pop(0)
        return is_next


def values_of(document: Document, name: str) -> list[Any]:
    """What the document holds there, as a list."""
    held = document.get(name)
    return [] if held is None else held if isinstance(held, list) else [held]
