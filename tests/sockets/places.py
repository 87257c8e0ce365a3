"""What an emulator holds after faults, in threads and conversations alike."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_foundry_agents.emulator import FoundryEmulator

LOSSES: dict[str, dict[str, Any]] = {
    "server-error": {},
    "html-page": {},
    "drop-during": {},
    "drop-after": {},
    "cut-stream": {"at": 40},
}
"""Faults that lose an answer, and after which it can be known what was done."""
_LOOKS, _BETWEEN_LOOKS = 200, 0.01


def said_in(emulator: FoundryEmulator, place: str) -> list[tuple[str, str]]:
    """Role and text of what was said in a thread or conversation, in order."""
    state = emulator.service.state
    if place in state.threads:
        messages = state.threads[place].messages
        return [(one.role, one.content[0]["text"]["value"]) for one in messages]
    items = state.conversations[place].items
    return [(one["role"], one["content"][0]["text"]) for one in items]


def how_many_places(emulator: FoundryEmulator) -> int:
    """How many threads and conversations there are."""
    return len(emulator.service.state.threads) + len(emulator.service.state.conversations)


async def is_at_rest(emulator: FoundryEmulator) -> bool:
    """Whether all runs and responses come to their end, in the service's own time."""
    state = emulator.service.state
    for _ in range(_LOOKS):
        responses = list(state.responses.values())
        locked = any(one.busy_with for one in list(state.conversations.values()))
        if not (state.active_runs or locked) and all(one.over for one in responses):
            return True
        await asyncio.sleep(_BETWEEN_LOOKS)
    return False


def said_everywhere(emulator: FoundryEmulator) -> list[list[tuple[str, str]]]:
    """What was said in each thread and conversation."""
    state = emulator.service.state
    return [said_in(emulator, place) for place in (*state.threads, *state.conversations)]
