"""One Tantivy index in one directory: what is written to it, and its newest committed state. It blocks."""

from pathlib import Path

import tantivy

from search_sync.index.document import RefusedDocumentError, SearchDocument
from search_sync.index.protocol import Batch, Refused
from search_sync.index.tantivy_queries import Questions
from search_sync.index.tantivy_schema import build_document, build_schema
from search_sync.index.tantivy_search import TantivyReader


class Generation:
    """Only one thread may write; any may read. Raises ValueError or OSError when Tantivy fails."""

    def __init__(self, place: Path, heap_bytes: int) -> None:
        self._schema = build_schema()
        self._index = tantivy.Index(self._schema, path=str(place))
        self._index.config_reader("manual")  # it is told of each commit, and need not watch the files
        self._questions = Questions(self._schema)
        self._heap_bytes = heap_bytes
        self._writer: tantivy.IndexWriter | None = None
        self.reload()

    @property
    def reader(self) -> TantivyReader:
        """The newest committed state."""
        return TantivyReader(self._index.searcher(), self._questions)

    def write(self, batch: Batch) -> Refused:
        """Writes and commits."""
        ids = [*(document.id for document in batch.documents), *batch.gone]
        refused = self.stage(batch, self.reader.revisions(ids))
        if ids:
            self.commit()
        return refused

    def stage(self, batch: Batch, held: dict[str, int]) -> Refused:
        """Writes without committing; `held` are the revisions before and is kept up to date."""
        refused: dict[str, str] = {}
        for document in batch.documents:
            try:
                self._put(document, held, document.id in batch.afresh)
            except RefusedDocumentError as error:
                refused[document.id] = str(error)
        for key in batch.gone:
            if held.pop(key, None) is not None:
                self._open_writer().delete_documents_by_term("id", key)
        return refused

    def commit(self) -> None:
        """Makes what was staged durable and found."""
        self._open_writer().commit()
        self.reload()

    def reload(self) -> None:
        """Makes what was committed the newest state."""
        self._index.reload()

    def probe(self) -> None:
        """Reads something of everything, so that damage is seen now. Raises as Tantivy does."""
        reader = self.reader
        first = reader.searcher.search(tantivy.Query.all_query(), 1).hits
        for _, address in first:
            reader.searcher.doc(address)
        for rows in reader.scan():
            reader.revisions([rows[0][0]])

    def close(self) -> None:
        """Ends merging and lets go of the files; what was not committed is lost."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    def drop_writer(self) -> None:
        """After a failure: what was staged is lost, and the next write opens another."""
        self._writer = None

    def _put(self, document: SearchDocument, held: dict[str, int], starts_afresh: bool) -> None:
        before = held.get(document.id)
        if before is not None and before > document.rev and not starts_afresh:
            return
        built = build_document(document, self._schema)
        writer = self._open_writer()
        if before is not None:
            writer.delete_documents_by_term("id", document.id)
        writer.add_document(built)
        held[document.id] = document.rev

    def _open_writer(self) -> tantivy.IndexWriter:
        """One thread: with more, every commit leaves as many segments, and searches look into each."""
        if self._writer is None:
            self._writer = self._index.writer(self._heap_bytes, 1)
        return self._writer
