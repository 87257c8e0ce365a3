"""Messages of the caller's, as the service keeps them → LangChain messages."""

from __future__ import annotations

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from langchain_foundry_agents._messages import JSON

_SYSTEM = {"system", "developer"}


def map_question(message: JSON) -> BaseMessage:
    """A thread's message, or a conversation's item, with its id."""
    parts = message.get("content") or []
    blocks = [{"type": "text", "text": parts}] if isinstance(parts, str) else [*map(_block, parts)]
    blocks += [
        {"type": "file", "file_id": file["file_id"]}
        for file in message.get("attachments") or []
        if isinstance(file.get("file_id"), str)
    ]
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    content: str | list[str | JSON] = [*blocks]
    if len(texts) == len(blocks) <= 1:
        content = "".join(texts)
    kind = SystemMessage if message.get("role") in _SYSTEM else HumanMessage
    name = (message.get("metadata") or {}).get("name")
    return kind(content=content, id=message.get("id"), name=name)


def map_output(output: str | list[JSON]) -> str | list[str | JSON]:
    """What was given for a call, as the content of a `ToolMessage`."""
    return output if isinstance(output, str) else [*map(_block, output)]


def _block(part: JSON) -> JSON:
    """A content part of either generation, as LangChain's standard block."""
    match part:
        case {"type": "text", "text": {"value": str(text)}}:
            return {"type": "text", "text": text}
        case {"type": "text" | "input_text" | "output_text", "text": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "image_file", "image_file": {"file_id": str(file_id)}}:
            return {"type": "image", "file_id": file_id}
        case {"type": "input_image", "file_id": str(file_id)}:
            return {"type": "image", "file_id": file_id}
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return _picture(url)
        case {"type": "input_image", "image_url": str(url)}:
            return _picture(url)
        case {"type": "input_file"}:
            return _file(part)
    return {"type": "non_standard", "value": part}


def _picture(url: str) -> JSON:
    kind, comma, data = url.partition(";base64,")
    if comma and kind.startswith("data:"):
        return {"type": "image", "base64": data, "mime_type": kind.removeprefix("data:")}
    return {"type": "image", "url": url}


def _file(part: JSON) -> JSON:
    named = {"filename": part["filename"]} if isinstance(part.get("filename"), str) else {}
    extras = {"extras": named} if named else {}
    if isinstance(part.get("file_id"), str):
        return {"type": "file", "file_id": part["file_id"], **extras}
    if isinstance(part.get("file_url"), str):
        return {"type": "file", "url": part["file_url"], **extras}
    kind, comma, data = str(part.get("file_data") or "").partition(";base64,")
    if comma:
        mime_type = kind.removeprefix("data:")
        return {"type": "file", "base64": data, "mime_type": mime_type, **extras}
    return {"type": "non_standard", "value": part}
