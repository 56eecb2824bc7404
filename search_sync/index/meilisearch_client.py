"""Talks to the server: every call bounded in time, every task waited for, every failure named. It blocks."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchError
from meilisearch.models.task import TaskInfo
from requests import RequestException

from search_sync.index.protocol import IndexUnavailableError

R = TypeVar("R")

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.05  # how late a finished task may be noticed: readers of their own writes wait for it
_PAGE = 1_000


class TaskFailedError(Exception):
    """The server took the task and could not carry it out, for a reason that has a code.

    `is_ours` when it says that what we sent is to blame, `is_internal` when it does not know what is.
    """

    def __init__(self, reason: str, code: str, kind: str = "invalid_request") -> None:
        super().__init__(reason)
        self.code = code
        self.is_ours = kind == "invalid_request"
        self.is_internal = kind == "internal"


class MeilisearchClient:
    """Raises IndexUnavailableError when the server is out of reach, slow, or says that it cannot.

    `patience` is how long one answer may take, `task_patience` how long a task may, both in seconds.
    """

    def __init__(self, url: str, key: str | None, patience: float, task_patience: float) -> None:
        self._url = url
        self._key = key
        self._patience = patience
        self._task_patience = task_patience

    def search(self, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """The answers to several searches of one moment; None when there is no such index."""
        answer = self._call(lambda client: client.multi_search(bodies), index_may_be_missing=True)
        return None if answer is None else list(answer["results"])

    def fetch(self, index: str, **asked: Any) -> list[dict[str, Any]]:
        """Documents as they are held; none when there is no such index."""
        found = self._call(lambda client: client.index(index).get_documents(asked), index_may_be_missing=True)
        return [] if found is None else [dict(document) for document in found.results]

    def exists(self, index: str) -> bool:
        """Whether there is such an index."""
        return self._call(lambda client: client.get_index(index), index_may_be_missing=True) is not None

    def list_indexes(self, beginning: str) -> list[str]:
        """The names of those that begin so."""
        found: list[str] = []
        while page := self._list_page(len(found)):
            found += [str(one["uid"]) for one in page]
        return [name for name in found if name.startswith(beginning)]

    def _list_page(self, offset: int) -> list[dict[str, Any]]:
        answer = self._call(lambda client: client.get_raw_indexes({"limit": _PAGE, "offset": offset}))
        return list(answer["results"])

    def fetch_all(self, index: str, fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """Pages of everything that is held."""
        offset = 0
        while page := self.fetch(index, fields=list(fields), limit=_PAGE, offset=offset):
            yield page
            offset += len(page)

    def add(self, index: str, documents: Sequence[dict[str, Any]]) -> TaskInfo:
        """Whole documents, those with a known key in the place of the others."""
        task: TaskInfo = self._call(lambda client: client.index(index).add_documents(list(documents), "key"))
        return task

    def add_surely(self, index: str, documents: Sequence[dict[str, Any]]) -> None:
        """`add`, done; a failure is the server's."""
        self.wait_surely(self.add(index, documents))

    def remove(self, index: str, keys: Sequence[str]) -> TaskInfo:
        """By their keys: deleting by filter would keep the server from putting tasks together."""
        path = f"indexes/{index}/documents/delete-batch"
        return TaskInfo(**self._call(lambda client: client.http.post(path, list(keys))))

    def create(self, index: str, settings: dict[str, Any] | None = None) -> None:
        """An index, if there is none, with these settings."""
        task = self._call(lambda client: client.create_index(index, {"primaryKey": "key"}))
        try:
            self.wait(task)
        except TaskFailedError as error:
            if error.code != "index_already_exists":
                raise IndexUnavailableError(str(error)) from error
        if settings is not None:
            self.wait_surely(self._call(lambda client: client.index(index).update_settings(settings)))

    def drop(self, index: str) -> None:
        """Removes an index; one that is not there is fine."""
        task = self._call(lambda client: client.delete_index(index), index_may_be_missing=True)
        if task is not None:
            try:
                self.wait(task)
            except TaskFailedError as error:
                if error.code != "index_not_found":
                    raise IndexUnavailableError(str(error)) from error

    def swap(self, pairs: Sequence[tuple[str, str]]) -> None:
        """All pairs at once; the server has carried out before whatever was asked of them before."""
        swaps: list[Any] = [{"indexes": list(pair)} for pair in pairs]
        self.wait_surely(self._call(lambda client: client.swap_indexes(swaps)))

    def wait(self, task: TaskInfo) -> None:
        """Returns when the task has succeeded: that it was accepted says nothing. Raises TaskFailedError."""
        pause, deadline = _FIRST_PAUSE, time.monotonic() + self._task_patience
        while True:
            done = self._call(lambda client: client.get_task(task.task_uid))
            if done.status == "succeeded":
                return
            if done.status in {"failed", "canceled"}:
                error = done.error or {}
                reason = str(error.get("message") or f"The task was {done.status}.")
                raise TaskFailedError(reason, str(error.get("code")), str(error.get("type")))
            if time.monotonic() + pause > deadline:
                raise IndexUnavailableError(f"Meilisearch has not done a task in {self._task_patience:g} seconds.")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def wait_surely(self, task: TaskInfo) -> None:
        """`wait`, where a failure is the server's."""
        try:
            self.wait(task)
        except TaskFailedError as error:
            raise IndexUnavailableError(f"Meilisearch failed: {error}") from error

    def _call(self, deed: Callable[[Client], R], *, index_may_be_missing: bool = False) -> Any:
        """A client for each call: one shared between threads mixes up their headers."""
        try:
            client = Client(self._url, self._key)
            client.config.timeout = self._patience  # type: ignore[assignment]  # requests takes parts of a second
            return deed(client)
        except MeilisearchApiError as error:
            if index_may_be_missing and error.code == "index_not_found":
                return None
            if error.status_code == 413:
                raise TaskFailedError("It is larger than Meilisearch takes.", str(error.code)) from error
            raise IndexUnavailableError(f"Meilisearch refused: {error.message}") from error
        except MeilisearchCommunicationError as error:
            raise IndexUnavailableError("Meilisearch is out of reach.") from error
        except (MeilisearchError, RequestException, ValueError) as error:
            raise IndexUnavailableError("Meilisearch did not answer as it should.") from error
