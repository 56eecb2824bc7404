"""Any server that speaks OpenAI's protocol, asked by aiohttp: docs/decisions says why not by `openai`."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import aiohttp

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, json_fault, write_json
from graph.domain.outages import UpstreamError
from graph.upstream.failures import cut_off, not_reached, of_answer, of_status, timed_out, too_long
from graph.upstream.protocol import Answer, Call

JSON_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
LARGEST_ERROR = 65_536
DEEPEST = 32


class ProviderAnswer:
    """An answer that is still coming in."""

    def __init__(self, response: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._response = response
        self._most_bytes = most_bytes

    @property
    def is_streaming(self) -> bool:
        """True for server-sent events."""
        return self._response.content_type == "text/event-stream"

    async def read(self) -> bytes:
        """The whole body, at most so many bytes of it."""
        body = bytearray()
        with _telling_cuts():
            while chunk := await self._response.content.readany():
                body += chunk
                if len(body) > self._most_bytes:
                    raise too_long(self._most_bytes)
        return bytes(body)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Whatever has come in, at once."""
        with _telling_cuts():
            while chunk := await self._response.content.readany():
                yield chunk

    def close(self) -> None:
        """A connection whose answer was read to its end serves the next call."""
        _end(self._response)


class Provider:
    """One provider. The session's timeouts hold; at most `most_bytes` of an answer are held in memory."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str | None, most_bytes: int) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._key = key
        self._headers = JSON_HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
        self._most_bytes = most_bytes

    async def send(self, call: Call) -> Answer:
        """The answer, as soon as it begins."""
        return ProviderAnswer(await self._ask("POST", call.endpoint.value, _write(call.body)), self._most_bytes)

    async def list_models(self) -> Sequence[JSONObject]:
        """The provider's own list."""
        answer = ProviderAnswer(await self._ask("GET", "models"), self._most_bytes)
        try:
            body = await answer.read()
        finally:
            answer.close()
        try:
            listed = json.loads(body)["data"]
            return [model for model in listed if isinstance(model["id"], str) and not json_fault(model, DEEPEST)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise of_status(502) from error

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> aiohttp.ClientResponse:
        response = await self._begin(method, f"{self._url}/{path}", body)
        if response.status == 200:
            return response
        try:
            raise await self._failure(response)
        finally:
            _end(response)

    async def _begin(self, method: str, url: str, body: bytes | None) -> aiohttp.ClientResponse:
        """Up to the answer's headers. A redirect is not followed: the key goes where it was meant to go."""
        try:
            return await self._session.request(method, url, data=body, headers=self._headers, allow_redirects=False)
        except TimeoutError as error:
            raise timed_out() from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise not_reached() from error

    async def _failure(self, response: aiohttp.ClientResponse) -> UpstreamError:
        try:
            body = await response.content.read(LARGEST_ERROR)
            while chunk := await response.content.read(LARGEST_ERROR - len(body)):
                body += chunk
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            body = b""
        return of_answer(response.status, response.headers, body, self._key)


def _end(response: aiohttp.ClientResponse) -> None:
    response.release() if response.content.at_eof() else response.close()


@contextmanager
def _telling_cuts() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise timed_out() from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise cut_off() from error


def _write(body: JSONObject) -> bytes:
    """What could just be read may be too deep to be written. Raises InvalidInputError."""
    try:
        return write_json(body)
    except RecursionError:
        raise InvalidInputError("The body is nested too deeply.") from None


@asynccontextmanager
async def open_provider(
    url: str, key: str | None, *, seconds: float, connect_seconds: float, connections: int, most_bytes: int
) -> AsyncIterator[Provider]:
    """A provider with its connections, which are closed at the end.

    `seconds` is the longest silence, `connect_seconds` how long a connection may take to be had.
    """
    timeout = aiohttp.ClientTimeout(total=None, connect=connect_seconds, sock_read=seconds)
    connector = aiohttp.TCPConnector(limit=connections)
    # What a provider would have one caller keep is not for the next one.
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=cookies) as session:
        yield Provider(session, url, key, most_bytes)
