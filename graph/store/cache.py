"""The cache before the histories: versions by prompt and number, which never change.

It goes through aiocache: in this process's memory by default, bounded in entries and bytes, or in Redis, where the
server's own `maxmemory` bounds it. A cache that fails is passed by, never waited for twice.
"""

import sys
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from aiocache import Cache, SimpleMemoryCache
from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer
from bson import decode, encode
from bson.codec_options import CodecOptions

from graph.domain.prompts import PromptVersion, VersionRef
from graph.domain.templates import ChatMessage, TextTemplate
from graph.store.codec import version_from_document, version_to_document
from graph.store.redis_rest import RedisRest

REDIS_TTL_SECONDS = 86_400
OBJECT_BYTES = 1_200
FINDING_BYTES = 400


class BoundedMemoryCache(SimpleMemoryCache):  # type: ignore[misc]  # aiocache ships no types
    """The least recently used entries go first when there are too many of them, or too many bytes."""

    def __init__(self, entries: int, size: int) -> None:
        super().__init__(timeout=None)
        self._entries = entries
        self._capacity = size
        self._held = 0
        self._cache: OrderedDict[str, tuple[PromptVersion, int]] = OrderedDict()

    @property
    def size(self) -> int:
        """The bytes that are held, by estimate."""
        return self._held

    def __len__(self) -> int:
        return len(self._cache)

    async def _get(self, key: str, encoding: Any = None, _conn: Any = None) -> PromptVersion | None:
        return self._look_up(key)

    # What aiocache puts around these, for plugins and timeouts that memory needs none of, takes longer than they do.

    async def multi_get(self, keys: Sequence[str], **options: Any) -> list[PromptVersion | None]:
        """The values in the order of the keys, None for what is not there."""
        return [self._look_up(key) for key in keys]

    async def multi_set(self, pairs: Iterable[tuple[str, PromptVersion]], **options: Any) -> bool:
        """Keeps all of them, as far as there is room."""
        for key, version in pairs:
            self._keep(key, version)
        return True

    def _look_up(self, key: str) -> PromptVersion | None:
        held = self._cache.get(key)
        if held is None:
            return None
        self._cache.move_to_end(key)
        return held[0]

    def _keep(self, key: str, version: PromptVersion) -> None:
        weight = weigh(version)
        if weight > self._capacity or not self._entries:
            return
        _, replaced = self._cache.pop(key, (None, 0))
        self._cache[key] = (version, weight)
        self._held += weight - replaced
        while self._held > self._capacity or len(self._cache) > self._entries:
            _, (_, freed) = self._cache.popitem(last=False)
            self._held -= freed


def weigh(version: PromptVersion) -> int:
    """About how many bytes of memory the version takes: its texts as they lie there, and what surrounds them."""
    template = version.template
    if isinstance(template, TextTemplate):
        texts = [template.text]
    else:
        texts = [part.content for part in template.parts if isinstance(part, ChatMessage)]
    findings = version.examination.findings if version.examination else ()
    held = OBJECT_BYTES * (1 + len(version.variables)) + FINDING_BYTES * len(findings)
    return held + sum(sys.getsizeof(text) + 100 for text in texts)


class VersionSerializer(BaseSerializer):  # type: ignore[misc]  # aiocache ships no types
    """Versions as BSON, for a cache outside of this process."""

    DEFAULT_ENCODING = None

    def dumps(self, value: PromptVersion) -> bytes:
        """One version with its prompt's id."""
        return encode({"prompt_id": value.prompt_id, "version": version_to_document(value)})

    def loads(self, value: bytes | None) -> PromptVersion | None:
        """The inverse of `dumps`."""
        if value is None:
            return None
        document: dict[str, Any] = decode(value, CodecOptions(tz_aware=True))
        return version_from_document(document["prompt_id"], document["version"])


class VersionCache:
    """What the histories ask first. Never raises: what it cannot answer is read from the store."""

    def __init__(self, backend: BaseCache, namespace: str = "") -> None:
        self._backend = backend
        self._namespace = namespace
        self._rest = RedisRest("version cache passed by")

    async def get(self, refs: Sequence[VersionRef]) -> dict[VersionRef, PromptVersion]:
        """Those of the versions that are held."""
        if self._rest.is_on:
            return {}
        try:
            held = await self._backend.multi_get([self._key(ref) for ref in refs])
        except Exception as error:  # noqa: BLE001 - whatever ails the cache, the store has the answer
            self._rest.begin(error)
            return {}
        return {ref: version for ref, version in zip(refs, held, strict=True) if version is not None}

    async def put(self, versions: Sequence[PromptVersion]) -> None:
        """Keeps the versions, as far as there is room."""
        if not versions or self._rest.is_on:
            return
        try:
            await self._backend.multi_set([(self._key(version.ref), version) for version in versions])
        except Exception as error:  # noqa: BLE001 - as above
            self._rest.begin(error)

    async def close(self) -> None:
        """Lets go of connections."""
        await self._backend.close()

    def _key(self, ref: VersionRef) -> str:
        return f"{self._namespace}{ref.prompt_id}:{ref.number}"


def memory_cache(entries: int, size: int) -> VersionCache:
    """A cache in this process, of at most so many entries and bytes."""
    return VersionCache(BoundedMemoryCache(entries, size))


def redis_cache(url: str, namespace: str, seconds: float) -> VersionCache:
    """A cache in Redis, which several processes share; it has so many seconds for an answer.

    Keys are put under the namespace.
    """
    backend = Cache.from_url(url)
    backend.serializer = VersionSerializer()
    backend.timeout = seconds
    backend.ttl = REDIS_TTL_SECONDS
    return VersionCache(backend, f"{namespace}:version:")
