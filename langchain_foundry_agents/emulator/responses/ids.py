"""Ids of the new generation: `{prefix}_{partition}00{32 characters}`.

What belongs together shares its partition: a conversation, its responses and their items.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.ids import ALPHANUMERIC, HEXADECIMAL

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.state import State

_PARTITIONED = re.compile(r"[a-z]+_([0-9a-f]{16})00[0-9A-Za-z]{32}")


def new_id(state: State, prefix: str, partition: str | None = None, *, mixed: bool = False) -> str:
    """A new id.

    Args:
        state: has the source of chance.
        prefix: such as `resp`, without its underscore.
        partition: that of the conversation or chain it belongs to; a new one by default.
        mixed: letters of both cases, as `conv_` and users' `msg_` have them; else lower-case
            hexadecimal digits.
    """
    chance = state.ids
    share = partition or chance.characters(HEXADECIMAL, 16)
    tail = chance.characters(ALPHANUMERIC if mixed else HEXADECIMAL, 32)
    return chance.keep(f"{prefix}_{share}00{tail}")


def partition_of(identifier: str) -> str | None:
    """The partition of an id, None where it has none."""
    found = _PARTITIONED.fullmatch(identifier)
    return found.group(1) if found else None


def is_id(identifier: str, prefix: str) -> bool:
    """Whether a text has the form of such an id."""
    return identifier.startswith(f"{prefix}_") and partition_of(identifier) is not None
