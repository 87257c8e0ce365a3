"""Pictures: those whose content is there or may be fetched through the model, and no others."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from langchain_foundry_agents.display.cards import Picture, clean
from langchain_foundry_agents.errors import FoundryAgentError

Download = Callable[[str, str | None], bytes]
"""Fetches a file by its id, and its container's."""

_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def is_picture(annotation: Mapping[str, Any]) -> bool:
    """Whether a citation names a picture that the agent's code drew."""
    extras = annotation.get("extras") or {}
    title = str(annotation.get("title") or "").lower()
    return bool(extras.get("container_id")) and title.endswith(_SUFFIXES)


def read_picture(block: Mapping[str, Any], download: Download | None) -> Picture:
    """The picture of an image block, or of a citation."""
    extras = block.get("extras") or {}
    file_id = block.get("file_id") or extras.get("file_id")
    name = clean(block.get("title") or file_id or "picture")
    url = str(block.get("url") or "")
    head, comma, data = url.partition(";base64,")
    if isinstance(block.get("base64"), str):
        return _decoded(name, block["base64"])
    if comma and head.startswith("data:"):
        return _decoded(name, data)
    if isinstance(file_id, str):
        return _fetched(name, file_id, extras.get("container_id"), download)
    return Picture(name, url=clean(url))


def _decoded(name: str, data: str) -> Picture:
    try:
        return _checked(name, base64.b64decode(data, validate=True))
    except ValueError:
        return Picture(name, remark="not readable")


def _fetched(
    name: str, file_id: str, container_id: str | None, download: Download | None
) -> Picture:
    if download is None:
        return Picture(name, remark="give model=… to fetch it")
    try:
        return _checked(name, download(file_id, container_id))
    except FoundryAgentError as error:
        return Picture(name, remark=clean(error))


def _checked(name: str, content: bytes) -> Picture:
    """The content decides what it is, not what it is called."""
    found = [kind for start, kind in _KINDS.items() if content.startswith(start)]
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        found = ["image/webp"]
    if not found:
        return Picture(name, remark="not a picture that can be shown")
    return Picture(name, content, found[0])
