"""Writes to one index of a Meilisearch server, and finds out which document it refuses. It blocks."""

from collections.abc import Sequence
from typing import Any

from search_sync.index.document import RefusedDocumentError
from search_sync.index.meilisearch_client import MeilisearchClient, TaskFailedError
from search_sync.index.meilisearch_documents import MOST_KEY_BYTES, decode_id, encode_id, make_document, make_settings
from search_sync.index.meilisearch_search import MeilisearchReader
from search_sync.index.protocol import Batch, IndexRemovedError, IndexUnavailableError, Refused

Prepared = dict[str, Any]

_PROBE = encode_id("probe")


class MeilisearchWriter:
    """`held` are the revisions of all that is in the index, where that is known; else they are read before a write."""

    def __init__(self, client: MeilisearchClient, index: str, held: dict[str, int] | None = None) -> None:
        self._client = client
        self._index = index
        self._held = held
        self._is_prepared = held is not None

    def prepare(self) -> None:
        """Makes the index and its settings, once."""
        if not self._is_prepared:
            self.prepare_anew()

    def prepare_anew(self) -> None:
        """Makes them whatever was made before, as somebody may have removed them."""
        self._client.create(self._index, make_settings())
        self._is_prepared = True

    def write(self, batch: Batch) -> Refused:
        """See `IndexWriter`. One task for all documents, so that the server can put tasks together.

        Raises IndexRemovedError when the index is there no more: the server would make one without its settings.
        """
        self.prepare()
        held = self._read_revisions(batch)
        if not held and self._held is None and not self._client.exists(self._index):
            raise IndexRemovedError
        prepared, refused = _prepare(batch, held)
        refused |= self._add(list(prepared.values()))
        for key in refused:
            held.pop(key, None)
        keys = [encode_id(key) for key in dict.fromkeys(batch.gone)]
        if gone := [key for key in keys if 0 < len(key) <= MOST_KEY_BYTES]:  # no others can be there
            self._client.wait_surely(self._client.remove(self._index, gone))
        for key in batch.gone:
            held.pop(key, None)
        return refused

    def _read_revisions(self, batch: Batch) -> dict[str, int]:
        if self._held is not None:
            return self._held
        return MeilisearchReader(self._client, self._index).revisions([document.id for document in batch.documents])

    def _add(self, documents: Sequence[Prepared]) -> dict[str, str]:
        """A task fails as a whole: it is halved until the documents that are to blame are found."""
        if not documents:
            return {}
        try:
            self._client.wait(self._client.add(self._index, documents))
        except TaskFailedError as error:
            if not error.is_ours and not (error.is_internal and self._is_server_well()):
                raise IndexUnavailableError(f"Meilisearch failed: {error}") from error
            if len(documents) == 1:
                return {decode_id(documents[0]["key"]): str(error)}
            half = len(documents) // 2
            return self._add(documents[:half]) | self._add(documents[half:])
        return {}

    def _is_server_well(self) -> bool:
        """Whether it carries out a harmless task: then what it failed at is to blame, though it does not say so."""
        try:
            self._client.wait(self._client.add(f"{self._index}_state", [{"key": _PROBE}]))
        except TaskFailedError:
            return False
        return True


def _prepare(batch: Batch, held: dict[str, int]) -> tuple[dict[str, Prepared], dict[str, str]]:
    """What is to be written of each document, and what no index would take; keeps `held` up to date."""
    prepared: dict[str, Prepared] = {}
    refused: dict[str, str] = {}
    for document in batch.documents:
        if held.get(document.id, document.rev) > document.rev and document.id not in batch.afresh:
            continue
        try:
            prepared[document.id] = make_document(document)
            held[document.id] = document.rev
        except RefusedDocumentError as error:
            refused[document.id] = str(error)
    return prepared, refused
