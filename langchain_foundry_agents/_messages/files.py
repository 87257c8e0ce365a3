"""File blocks → attachments: a file of the service by its id, or one to upload."""

from __future__ import annotations

import base64
import mimetypes
import re

from langchain_foundry_agents._messages.ours import JSON
from langchain_foundry_agents.errors import BadRequestError

FILE_BLOCKS = ("file", "text-plain")
LARGEST = 512 * 1024 * 1024
"""The service's limit for one file, in bytes."""
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")

# Python's own table. That of the system would have to be read, perhaps in an event loop.
_TYPES = mimetypes.MimeTypes()
_UNSAFE = re.compile(r"[\x00-\x1f<>:\"|?*\x7f]")


def map_file(block: JSON) -> JSON:
    """A file block as `{"file_id"}`, or as `{"file": (name, content, media type)}` to upload.

    Raises:
        BadRequestError: It has no content, or more than the service takes.
    """
    if isinstance(block.get("file_id"), str):
        return {"file_id": block["file_id"]}
    media_type = block.get("mime_type") or "application/octet-stream"
    content = _content(block)
    if len(content) > LARGEST:
        raise BadRequestError(
            f"A file has {len(content):,} bytes; the service takes up to {LARGEST:,}.",
            remedy="Split it.",
        )
    extras = block.get("extras") or {}
    given = block.get("filename") or extras.get("filename") or block.get("title")
    name = given or f"file{_TYPES.guess_extension(media_type) or ''}"
    return {"file": (safe_name(str(name)), content, media_type)}


def check_picture(media_type: str, data: str) -> None:
    """Refuse what is no picture that models see.

    Raises:
        BadRequestError: It is of another type, or no base64.
    """
    if media_type not in PICTURES:
        raise BadRequestError(
            f"A picture has the type {media_type!r}, which no model sees.",
            remedy=f"Convert it to one of {', '.join(PICTURES)}.",
        )
    _content({"type": "image", "base64": data})


def safe_name(name: str) -> str:
    """A file's name without folders and without what file systems do not take.

    Raises:
        BadRequestError: Nothing is left of it.
    """
    bare = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not bare.strip("."):
        raise BadRequestError(
            f"{name!r} is no name of a file.", remedy="Give the name without its folders."
        )
    return bare


def _content(block: JSON) -> bytes:
    if isinstance(block.get("text"), str):
        return str(block["text"]).encode()
    try:
        return base64.b64decode(block["base64"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequestError(
            f"A {block['type']} block has neither file_id nor base64 content.",
            remedy="Download what stands at a URL first, and give its content as base64.",
        ) from error
