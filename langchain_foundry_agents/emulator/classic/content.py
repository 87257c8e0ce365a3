"""Content of messages that callers send: checked, and kept as the service shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.classic.wire import text_block
from langchain_foundry_agents.emulator.validation import (
    Check,
    mapping,
    one_of,
    shape,
    text,
    wrong_type,
    wrong_value,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

MAX_TEXT = 1_500_000

_detail = one_of("auto", "low", "high")
_text = text(least=1, most=MAX_TEXT)
_image_url = shape({"url": text(least=1), "detail": _detail}, ("url",))
_image_file = shape({"file_id": text(least=1), "detail": _detail}, ("file_id",))


def content(value: Any, param: str) -> list[JsonObject]:
    """A string or an array of blocks, as the blocks of a message."""
    if isinstance(value, str):
        return [text_block(_text(value, param))]
    if not isinstance(value, list):
        raise wrong_type(param, "a string or an array of content blocks")
    if not value:
        raise wrong_value(param, "a message needs content.")
    return [_block(block, f"{param}[{index}]") for index, block in enumerate(value)]


def _block(value: Any, param: str) -> JsonObject:
    block = mapping(value, param)
    kind = one_of(*_KINDS)(block.get("type"), f"{param}.type")
    inner = _KINDS[kind](block.get(kind), f"{param}.{kind}")
    if kind == "text":
        return text_block(inner)
    return {"type": kind, kind: {**inner, "detail": inner.get("detail", "auto")}}


_KINDS: dict[str, Check] = {"text": _text, "image_url": _image_url, "image_file": _image_file}
