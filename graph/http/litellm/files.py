"""`POST /utils/dotprompt_json_converter`: a `.prompt` file taken apart. Nothing is kept."""

from aiohttp import BodyPartReader, web

from graph.domain.errors import InvalidInputError
from graph.exchange.litellm_dotprompt import split_dotprompt
from graph.http.errors import RequestRefusedError, json_response
from graph.http.face import Call

ENDING = ".prompt"


async def convert(call: Call) -> web.Response:
    """The file's front matter and text as JSON. Raises InvalidInputError for another file, or one that is no text."""
    name, data = await _read_file(call)
    if not name.endswith(ENDING):
        raise InvalidInputError("File must have .prompt extension", ("file",))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError("The file is no UTF-8 text.", ("file",)) from None
    metadata, content = split_dotprompt(text)
    told = {"content": content, "metadata": metadata}
    return json_response({"prompt_id": name.removesuffix(ENDING), "json_data": told})


async def _read_file(call: Call) -> tuple[str, bytes]:
    """The name and the bytes of the part that is called `file`, bounded as every body is."""
    if call.request.content_type != "multipart/form-data":
        raise RequestRefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the file as multipart/form-data.")
    try:
        reader = await call.request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == "file" and part.filename:
                return part.filename.replace("\\", "/").rsplit("/", 1)[-1], await _read_part(
                    part, call.limits.body_bytes
                )
    except ValueError as error:
        raise RequestRefusedError(400, "BAD_REQUEST", "The body is no form.") from error
    raise InvalidInputError("This is missing.", ("file",))


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > limit:
            raise RequestRefusedError(413, "BODY_TOO_LARGE", f"The file is longer than {limit} bytes.")
    return bytes(data)
