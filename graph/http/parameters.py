"""What a request asks: the parameters of GraphQL over HTTP, from a JSON body or from a URL.

Bodies are read here with all their traps: too long, compressed, not JSON, nested beyond reason, numbers
that Python would read and nobody can keep, halves of surrogate pairs.
"""

import asyncio
import json
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from aiohttp import web

from graph.domain.json_values import INT64_MAX, INT64_MIN, read_quickly
from graph.domain.limits import RequestLimits
from graph.http.errors import RequestRefusedError


@dataclass(frozen=True, slots=True)
class Parameters:
    """One GraphQL request. `extensions` are checked for their type and else left alone."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


async def read_post(request: web.Request, limits: RequestLimits) -> Parameters:
    """Read a POST. Raises RequestRefusedError."""
    if request.content_type != "application/json" or "Content-Type" not in request.headers:
        raise RequestRefusedError(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the query as JSON: Content-Type application/json."
        )
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise RequestRefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the JSON in UTF-8.")
    return check_parameters(decode_json(await read_body(request, limits.body_bytes, limits.body_seconds)))


def read_get(request: web.Request) -> Parameters:
    """Read the query string of a GET. Raises RequestRefusedError."""
    asked: dict[str, Any] = dict(request.query)
    for name in ("variables", "extensions"):
        if asked.get(name):
            asked[name] = decode_json(asked[name].encode("utf-8", "surrogatepass"), f"The parameter `{name}`")
        else:
            asked.pop(name, None)
    asked["operationName"] = asked.get("operationName") or None
    return check_parameters(asked)


async def read_body(request: web.Request, limit: int, seconds: float) -> bytes:
    """The body, at most `limit` bytes of it. Raises RequestRefusedError, before reading where the length is told, and
    after so many seconds: who sends a byte now and then would hold a connection for ever.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestRefusedError(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the body uncompressed.", {"Accept-Encoding": "identity"}
        )
    body = None
    if (request.content_length or 0) <= limit:
        try:
            body = await _read_up_to(request, limit, seconds)
        except TimeoutError:
            message = f"The body has not arrived within {seconds:g} seconds."
            raise RequestRefusedError(408, "BODY_TOO_SLOW", message) from None
        except ConnectionError:
            # Nobody hears it; the log says what nginx would, and not that something is wrong with us.
            raise RequestRefusedError(499, "CALLER_GONE", "The body broke off.") from None
    if body is None:
        raise RequestRefusedError(413, "BODY_TOO_LARGE", f"The body is longer than {limit} bytes.")
    return body


async def _read_up_to(request: web.Request, limit: int, seconds: float) -> bytes | None:
    """None when there is more. Raises TimeoutError. Most bodies have come with their headers: nothing is waited for."""
    if request.content.is_eof():
        whole = request.content.read_nowait()
        return whole if len(whole) <= limit else None
    body = bytearray()
    async with asyncio.timeout(seconds):
        while chunk := await request.content.readany():
            body += chunk
            if len(body) > limit:
                return None
    return bytes(body)


def check_parameters(asked: Any) -> Parameters:
    """Check the types of the parameters. Raises RequestRefusedError."""
    if isinstance(asked, list):
        raise RequestRefusedError(400, "BATCH_REFUSED", "Send one request at a time: no batches are taken.")
    if not isinstance(asked, dict):
        _refuse("The body must be a JSON object with a `query`, one request at a time.")
    query, operation_name, variables = asked.get("query"), asked.get("operationName"), asked.get("variables")
    if not isinstance(query, str) or not query.strip():
        _refuse("The parameter `query` must be there: the text of a GraphQL document.")
    if operation_name is not None and not isinstance(operation_name, str):
        _refuse("The parameter `operationName` must be a string.")
    if variables is not None and not isinstance(variables, dict):
        _refuse("The parameter `variables` must be a JSON object.")
    if not isinstance(asked.get("extensions"), dict | None):
        _refuse("The parameter `extensions` must be a JSON object.")
    return Parameters(query, operation_name, variables)


def decode_json(body: bytes, what: str = "The body") -> Any:
    """Decode JSON that can be kept and given back unchanged. Raises RequestRefusedError."""
    if _LARGE not in body.translate(_DIGITS_ALIKE):
        # What it takes it reads as the decoder below does, which says what is wrong with the rest.
        with suppress(ValueError):
            return read_quickly(body)
    return _decode_carefully(body, what)


def _decode_carefully(body: bytes, what: str) -> Any:
    try:
        value = _CAREFUL_DECODER.decode(body.decode("utf-8"))
        # UTF-8 cannot carry half of a surrogate pair, so only an escape can have brought one.
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        _refuse(f"{what} is nested too deeply.")
    except UnicodeDecodeError:
        _refuse(f"{what} is not UTF-8.")
    except UnicodeEncodeError:
        _refuse(f"{what} has a lone surrogate, which is no character: send well-formed Unicode.")
    except json.JSONDecodeError as error:
        _refuse(f"{what} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
    return value


def _refuse(message: str) -> NoReturn:
    raise RequestRefusedError(400, "BAD_REQUEST", message)


def _read_integer(text: str) -> int:
    # 20 characters hold every 64-bit integer; Python reads longer ones in quadratic time.
    value = int(text) if len(text) <= 20 else INT64_MAX + 1
    if not INT64_MIN <= value <= INT64_MAX:
        _refuse("The JSON has an integer beyond 64 bits: send it as a string.")
    return value


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse("The JSON has a number too large for a double: send it as a string.")
    return value


def _refuse_constant(text: str) -> NoReturn:
    _refuse(f"{text} is not JSON.")


_CAREFUL_DECODER = json.JSONDecoder(parse_int=_read_integer, parse_float=_read_float, parse_constant=_refuse_constant)

# Looking at each number costs ten times what reading it does, and few texts have any that could be too large.
_LARGE = b"0" * 19
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
