"""What a tool gave: its text, and pictures and files beside it, in any dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import FunctionMessage, ToolMessage

from langchain_foundry_agents._messages.files import PICTURES
from langchain_foundry_agents._messages.ours import JSON

Result = ToolMessage | FunctionMessage

_MEDIA = frozenset({"image", "file", "audio", "video"})
_UNSEEN = frozenset({"audio", "video"})
_LEFT_OUT = "left out, as it cannot be read as text"


def output_text(message: Result) -> str:
    """What a tool gave as text; that of a tool that failed says so.

    The content of pictures and files, which no model reads as text, is left out.
    """
    others = [json.dumps(one, ensure_ascii=False, default=str) for one in _others(message)]
    return marked(message, "\n".join(filter(None, [str(message.text), *others])))


def marked(message: Result, text: str) -> str:
    """The text, which says so if the tool failed."""
    failed = isinstance(message, ToolMessage) and message.status == "error"
    return f"Error: {text}" if failed and not text.lower().startswith("error") else text


def result_blocks(message: Result) -> list[JSON]:
    """What a tool gave, in LangChain's standard form."""
    if isinstance(message.content, str):
        return [{"type": "text", "text": message.content}]
    return [_standard(block) for block in message.content_blocks]


def is_media(block: JSON) -> bool:
    """Whether a block is a picture, a file or a sound."""
    return block["type"] in _MEDIA


def has_content(block: JSON) -> bool:
    """Whether a block holds a file's content, and not only its id or its address."""
    inside = isinstance(block.get("base64"), str) or str(block.get("url", "")).startswith("data:")
    return is_media(block) and inside


def is_hidden(block: JSON, *, in_thread: bool) -> bool:
    """Whether a block's content is left out: a run of a thread takes text alone."""
    if in_thread or block["type"] in _UNSEEN:
        return has_content(block)
    return block["type"] == "image" and block.get("mime_type", PICTURES[0]) not in PICTURES


def placeholder(block: JSON) -> JSON:
    """Names a picture or a file whose content is left out."""
    size = len(block.get("base64") or block.get("url") or "") * 3 // 4
    what = {"type": block["type"], "mime_type": block.get("mime_type"), "bytes": size}
    return {**{key: value for key, value in what.items() if value}, "content": _LEFT_OUT}


def _others(message: Result) -> Iterator[Any]:
    """What a tool gave beside text: as it came, but for contents."""
    if isinstance(message.content, str):
        return
    for raw, block in zip(message.content, result_blocks(message), strict=False):
        if isinstance(raw, dict) and raw.get("type") != "text":
            yield placeholder(block) if has_content(block) else raw


def _standard(block: Any) -> JSON:
    """A block of LangChain's, or as an MCP server or the Responses API writes it."""
    mapped: JSON = dict(block)
    raw: JSON = mapped.get("value") or {} if mapped["type"] == "non_standard" else {}
    match raw.get("type") or mapped["type"]:
        case "image" | "audio" if isinstance(mapped.get("data"), str):
            content = {"base64": mapped["data"], "mime_type": mapped.get("mimeType")}
            return {"type": mapped["type"], **content}
        case "input_image":
            return {**raw, "type": "image", "url": raw.get("image_url")}
        case "input_file":
            kind, _, data = str(raw.get("file_data") or "").partition(";base64,")
            content = {"base64": data, "mime_type": kind.removeprefix("data:")} if data else {}
            extras = {"extras": {"filename": raw["filename"]}} if "filename" in raw else {}
            return {**raw, "type": "file", "url": raw.get("file_url"), **content, **extras}
    return mapped
