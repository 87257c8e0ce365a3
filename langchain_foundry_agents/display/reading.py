"""LangChain messages → cards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

from langchain_foundry_agents.display.cards import Card, Fold, Prose, clean
from langchain_foundry_agents.display.citing import Sources
from langchain_foundry_agents.display.pictures import Download, is_picture, read_picture

_LONGEST = 20_000
_IDS = (
    "agent_name",
    "agent_version",
    "agent_id",
    "thread_id",
    "deleted_thread_id",
    "forked_from",
    "run_id",
    "model_name",
    "status",
    "finish_reason",
    "attempts",
)
_SPEAKERS = {"human": "You", "ai": "Agent", "system": "Instructions", "tool": "Tool"}


def read_cards(messages: Sequence[BaseMessage], download: Download | None) -> list[Card]:
    """A card for each message."""
    names: dict[str, str] = {}
    cards = []
    for message in messages:
        if isinstance(message, AIMessage):
            names.update({str(call["id"]): call["name"] for call in message.tool_calls})
        cards.append(_read(message, names, download))
    return cards


def _read(message: BaseMessage, names: Mapping[str, str], download: Download | None) -> Card:
    told = message.response_metadata
    role = _SPEAKERS.get(message.type.removesuffix("MessageChunk").lower(), message.type)
    speaker = message.name or told.get("agent_name") or role
    card = Card(clean(speaker), plain=not isinstance(message, AIMessage))
    if isinstance(message, ToolMessage):
        name = names.get(message.tool_call_id) or message.name or message.tool_call_id
        failed = message.status == "error"
        card.speaker = "Tool"
        texts = (("output", _text(message.text or message.content)),)
        card.folds.append(Fold(f"output of {clean(name)}", texts, failed))
        return card
    if isinstance(message, SystemMessage):
        card.folds.append(Fold("instructions", (("", _text(message.text)),)))
        return card
    sources = Sources()
    results: dict[str, Mapping[str, Any]] = {}
    blocks: list[Mapping[str, Any]] = [*message.content_blocks]
    for block in blocks:
        if block.get("type") == "server_tool_result":
            results[str(block.get("tool_call_id"))] = block
    for block in blocks:
        _read_block(block, card, sources, results, download)
    card.sources = sources.listed
    if isinstance(message, AIMessage):
        _tell(message, card)
    return card


def _read_block(
    block: Mapping[str, Any],
    card: Card,
    sources: Sources,
    results: Mapping[str, Mapping[str, Any]],
    download: Download | None,
) -> None:
    match block:
        case {"type": "text", "text": str(text)}:
            notes = block.get("annotations") or []
            card.parts.append(Prose(sources.cite(text, notes)))
            drawn = (note for note in notes if is_picture(note))
            card.parts += [read_picture(note, download) for note in drawn]
        case {"type": "image"}:
            card.parts.append(read_picture(block, download))
        case {"type": "refusal", "refusal": str(text)}:
            card.parts.append(Prose(f"*The agent refuses:* {clean(text)}"))
        case {"type": "reasoning"}:
            card.folds.append(Fold("reasoning", (("", _text(block.get("reasoning"))),)))
        case {"type": "server_tool_call"}:
            card.folds.append(_step(block, results.get(str(block.get("id")), {})))
        case {"type": "server_tool_result"}:
            pass  # It stands with its call.
        case {"type": "tool_call" | "invalid_tool_call"}:
            texts = (("arguments", _text(block.get("args"))), ("id", clean(block.get("id"))))
            card.folds.append(Fold(f"calls {clean(block.get('name'))}", texts))
        case {"type": "file", **about}:
            named = (about.get("extras") or {}).get("filename") or about.get("file_id") or "file"
            card.parts.append(Prose(f"📎 `{clean(named).replace('`', '')}`"))
        case _:
            card.folds.append(Fold(clean(block.get("type")), (("", _text(block)),)))


def _step(call: Mapping[str, Any], result: Mapping[str, Any]) -> Fold:
    """What the agent did on the server, and what came of it."""
    given = call.get("args") or {}
    code = given.get("code") if isinstance(given, dict) else None
    asked = ("code", _text(code)) if code else ("arguments", _text(given))
    came = [("output", _text(_output(result["output"])))] if result.get("output") else []
    failed = result.get("status") == "error"
    texts = (asked, *came, ("id", clean(call.get("id"))))
    return Fold(clean(call.get("name")), tuple(pair for pair in texts if pair[1]), failed)


def _output(output: Any) -> Any:
    """What code printed, if that is all; else the output as it is."""
    if isinstance(output, list) and all(isinstance(one, dict) for one in output):
        logs = [one.get("logs") for one in output if one.get("type") == "logs"]
        if logs and len(logs) == len(output):
            return "\n".join(map(str, logs))
    return output


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else _json(value)
    more = len(text) - _LONGEST
    return clean(text[:_LONGEST]) + (f"\n… {more:,} more characters" if more > 0 else "")


def _json(value: Any) -> str:
    if value in ({}, None):
        return ""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _tell(message: AIMessage, card: Card) -> None:
    """Say how the answer ended, and name its ids."""
    told = message.response_metadata
    names = [name for name in _IDS if told.get(name) not in (None, "")]
    card.facts = [(name, clean(told[name])) for name in names]
    said = []
    if (reason := told.get("finish_reason")) not in {None, "stop"}:
        said.append(clean(reason).replace("_", " "))
    if usage := message.usage_metadata:
        about = "~" if told.get("usage_source") == "estimated" else ""
        read, wrote = usage["input_tokens"], usage["output_tokens"]
        said.append(f"{about}{read:,} tokens in, {wrote:,} out")
        card.facts.append(("tokens", f"{about}{read:,} in, {wrote:,} out"))
    card.summary = " · ".join(said)
    for asked in told.get("oauth_consent_requests") or []:
        link = clean(asked.get("consent_link") or "")
        card.parts.append(Prose(f"The agent asks you to sign in: <{link}>, then ask again."))
