"""Global, opaque ids: what they are made of and how they are read."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import strawberry

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import VersionRef

LONGEST_NUMBER = 10


@strawberry.interface
class Node:
    """An object that can be fetched again by its global, opaque ID."""

    id: strawberry.ID


@dataclass(frozen=True, slots=True)
class GlobalId:
    """What a global id says: the type's name, and one part or two."""

    type_name: str
    parts: tuple[str, ...]


def encode_id(type_name: str, *parts: str | int) -> strawberry.ID:
    """The opaque id: base64url, without padding, of `Type:part:part`."""
    plain = ":".join((type_name, *map(str, parts)))
    return strawberry.ID(base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode())


def prompt_id(prompt: str) -> strawberry.ID:
    """The global id of a prompt."""
    return encode_id("Prompt", prompt)


def version_id(ref: VersionRef) -> strawberry.ID:
    """The global id of a version."""
    return encode_id("PromptVersion", ref.prompt_id, ref.number)


def decode_id(value: str) -> GlobalId | None:
    """What the id says; None when it is none of ours."""
    try:
        plain = base64.urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4)).decode()
    except (ValueError, binascii.Error):
        return None
    type_name, *parts = plain.split(":")
    is_ours = type_name in PARTS and len(parts) == PARTS[type_name] and all(parts)
    if not is_ours or encode_id(type_name, *parts) != value:
        return None
    return None if type_name == "PromptVersion" and not _is_number(parts[1]) else GlobalId(type_name, tuple(parts))


def read_id(type_names: str | Sequence[str], value: str, path: Sequence[str]) -> GlobalId:
    """What the id says. Raises InvalidInputError when it is malformed or names another type."""
    wanted = (type_names,) if isinstance(type_names, str) else tuple(type_names)
    found = decode_id(value)
    if found is None or found.type_name not in wanted:
        raise InvalidInputError(
            f"This is no ID of a {' or '.join(wanted)}. Give one that this API returned for such an object.", path
        )
    return found


def read_prompt_id(value: str, path: Sequence[str]) -> str:
    """The prompt's own id. Raises InvalidInputError."""
    return read_id("Prompt", value, path).parts[0]


def read_version_id(value: str, path: Sequence[str]) -> VersionRef:
    """The version that the id names. Raises InvalidInputError."""
    prompt, number = read_id("PromptVersion", value, path).parts
    return VersionRef(prompt, int(number))


def read_actor_id(value: str, path: Sequence[str]) -> str:
    """The actor's own id. Raises InvalidInputError."""
    return read_id(("User", "ServiceAccount"), value, path).parts[0]


def read_api_key_id(value: str, path: Sequence[str]) -> str:
    """The key's own id. Raises InvalidInputError."""
    return read_id("ApiKey", value, path).parts[0]


def read_webhook_id(value: str, path: Sequence[str]) -> str:
    """The webhook's own id. Raises InvalidInputError."""
    return read_id("Webhook", value, path).parts[0]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= LONGEST_NUMBER


PARTS = {"Prompt": 1, "PromptVersion": 2, "Rating": 2, "User": 1, "ServiceAccount": 1, "ApiKey": 1, "Webhook": 1}
