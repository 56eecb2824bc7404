"""The index inside this process: Tantivy, kept in a directory (`tantivy_shelf.py`). Its calls run in threads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from search_sync.index.protocol import (
    UNFENCED,
    Batch,
    Hit,
    IndexDamagedError,
    IndexRemovedError,
    IndexUnavailableError,
    Rebuild,
    Refused,
    SearchAnswer,
    SearchRequest,
    Sight,
    Tenure,
)
from search_sync.index.tantivy_checksums import check_files
from search_sync.index.tantivy_generation import Generation
from search_sync.index.tantivy_schema import FORMAT
from search_sync.index.tantivy_shelf import IndexInUseError, Pointer, Shelf

__all__ = ["IndexInUseError", "IndexRemovedError", "TantivyIndex"]

log = structlog.get_logger(__name__)

R = TypeVar("R")


class TantivyIndex:
    """Open one with `open`. One process may have a directory open at a time.

    `heap_bytes` is the writer's memory (15 MB at least), twice while a rebuild is under way; `readers` is how many
    searches run at once; `patience` in seconds is how long a read may take.
    """

    def __init__(self, path: Path, *, heap_bytes: int = 50_000_000, readers: int = 2, patience: float = 2.0) -> None:
        self._heap_bytes = heap_bytes
        self._patience = patience
        self._shelf = Shelf(path)
        self._pointer, self._serving = self._open_serving()
        self._is_removed = False
        self._rebuild: _TantivyRebuild | None = None
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="tantivy-write")
        self._reading = ThreadPoolExecutor(readers, thread_name_prefix="tantivy-read")
        # Neighbours take long to find: they wait for each other, and no search waits for them.
        self._comparing = ThreadPoolExecutor(1, thread_name_prefix="tantivy-similar")

    is_shared = False

    @property
    def layout(self) -> str:
        """See `SearchIndex`."""
        return f"tantivy {FORMAT}"

    @classmethod
    async def open(
        cls, path: Path, *, heap_bytes: int = 50_000_000, readers: int = 2, patience: float = 2.0
    ) -> "TantivyIndex":
        """The index in this directory, made where there is none. Raises IndexInUseError.

        One that is damaged, or of another format, is put away for an empty one without a fingerprint.
        """
        return await asyncio.to_thread(cls, path, heap_bytes=heap_bytes, readers=readers, patience=patience)

    async def write(self, batch: Batch) -> Refused:
        """See `IndexWriter`. Raises IndexRemovedError when somebody removed the directory, until a rebuild begins."""
        return await self._change(lambda: self._write(batch))

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex`."""
        return await self._read(lambda: self._serving.reader.search(request))

    async def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """See `SearchIndex`."""
        return await self._read(lambda: self._serving.reader.similar(prompt_id, sight, first), self._comparing)

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """See `SearchIndex`."""
        return await self._read(lambda: self._serving.reader.revisions(ids))

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        """See `SearchIndex`. It is of the moment when it began. Raises IndexDamagedError."""
        pages, place = self._serving.reader.scan(), self._shelf.place(self._pointer.generation)
        await self._run(lambda: check_files(place))
        while (page := await self._run(lambda: next(pages, None))) is not None:
            for row in page:
                yield row

    async def fingerprint(self) -> str | None:
        """See `SearchIndex`."""
        return self._pointer.fingerprint

    async def mark(self) -> str | None:
        """See `SearchIndex`."""
        return await self._run(lambda: self._shelf.read_mark(self._pointer.generation))

    async def keep_mark(self, mark: str) -> None:
        """See `SearchIndex`. A lost one costs a little work, so the disk is not waited for."""
        await self._change(lambda: self._shelf.keep_mark(self._pointer.generation, mark))

    async def rebuild(self, tenure: Tenure = UNFENCED) -> Rebuild:
        """See `SearchIndex`."""
        if self._rebuild is not None:
            await self._rebuild.abandon()
        self._rebuild = await self._change(self._start_rebuild)
        return self._rebuild

    async def close(self) -> None:
        """Waits for what is being written, and lets go of the directory."""
        if self._rebuild is not None:
            await self._rebuild.abandon()
        await self._change(self._serving.close)
        await asyncio.to_thread(self._writing.shutdown)
        await asyncio.to_thread(self._reading.shutdown)
        await asyncio.to_thread(self._comparing.shutdown)
        self._shelf.close()

    def _open_serving(self) -> tuple[Pointer, Generation]:
        pointer = self._shelf.read()
        self._shelf.remove_all_but(pointer.generation if pointer else "")
        if pointer is not None:
            try:
                return pointer, self._open_whole(pointer)
            except (IndexUnavailableError, IndexDamagedError) as error:
                log.warning("search index damaged, starting an empty one", reason=str(error.__cause__ or error))
                self._shelf.remove_all_but()
        pointer = Pointer(self._shelf.add(), None)
        serving = Generation(self._shelf.place(pointer.generation), self._heap_bytes)
        self._shelf.point(pointer)
        return pointer, serving

    def _open_whole(self, pointer: Pointer) -> Generation:
        def open_and_probe() -> Generation:
            place = self._shelf.place(pointer.generation)
            check_files(place)
            serving = Generation(place, self._heap_bytes)
            serving.probe()
            return serving

        return _guard(open_and_probe)

    def _write(self, batch: Batch) -> Refused:
        if self._is_removed:
            raise IndexRemovedError
        try:
            return self._serving.write(batch)
        except BaseException as error:
            self._serving.drop_writer()
            if self._begin_anew_if_removed():
                raise IndexRemovedError from error
            raise

    def _begin_anew_if_removed(self) -> bool:
        """Without a fingerprint, so that it is rebuilt: otherwise every write would fail until the process ends."""
        if self._shelf.holds(self._pointer.generation):
            return False
        log.warning("search index removed while in use, starting an empty one")
        self._shelf.mend()
        self._serving.drop_writer()
        self._pointer, self._serving = self._open_serving()
        self._is_removed = True
        return True

    def _start_rebuild(self) -> "_TantivyRebuild":
        self._begin_anew_if_removed()
        self._is_removed = False
        self._shelf.remove_all_but(self._pointer.generation)
        name = self._shelf.add()
        beside = Generation(self._shelf.place(name), self._heap_bytes)
        return _TantivyRebuild(self, name, beside)

    def _serve(self, pointer: Pointer, generation: Generation, mark: str | None) -> None:
        """Searches that are under way keep the old one's files until they are done, removed or not."""
        generation.commit()
        if mark is not None:
            self._shelf.keep_mark(pointer.generation, mark)
        self._shelf.point(pointer)
        before, self._pointer, self._serving = self._serving, pointer, generation
        before.close()
        self._shelf.remove_all_but(pointer.generation)

    async def _change(self, deed: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._writing, lambda: _guard(deed))

    async def _run(self, deed: Callable[[], R], threads: ThreadPoolExecutor | None = None) -> R:
        return await asyncio.get_running_loop().run_in_executor(threads or self._reading, lambda: _guard(deed))

    async def _read(self, deed: Callable[[], R], threads: ThreadPoolExecutor | None = None) -> R:
        try:
            async with asyncio.timeout(self._patience):
                return await self._run(deed, threads)
        except TimeoutError:
            raise IndexUnavailableError(f"The search index took more than {self._patience:g} seconds.") from None


class _TantivyRebuild:
    """A generation that nobody searches; it is committed when it is finished."""

    def __init__(self, index: TantivyIndex, name: str, beside: Generation) -> None:
        self._index = index
        self._name = name
        self._beside: Generation | None = beside
        self._held: dict[str, int] = {}

    async def write(self, batch: Batch) -> Refused:
        return await self._index._change(lambda: self._take().stage(batch, self._held))

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        pointer = Pointer(self._name, fingerprint)
        await self._index._change(lambda: self._index._serve(pointer, self._take(), mark))
        self._beside = None

    async def abandon(self) -> None:
        await self._index._change(self._remove)

    def _take(self) -> Generation:
        if self._beside is None:
            raise IndexUnavailableError("This rebuild of the search index is over.")
        return self._beside

    def _remove(self) -> None:
        if self._beside is not None:
            self._beside.drop_writer()
            self._beside = None
            self._index._shelf.remove_all_but(self._index._pointer.generation)


def _guard(deed: Callable[[], R]) -> R:
    """Whatever Tantivy says when it fails, a panic included, is that the index is unavailable."""
    try:
        return deed()
    except (ValueError, OSError, RuntimeError) as error:
        raise IndexUnavailableError("The search index failed.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # which pyo3 gives no other way to name
            raise
        raise IndexUnavailableError("The search index failed.") from error
