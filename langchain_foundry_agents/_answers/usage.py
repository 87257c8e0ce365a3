"""Tokens: the service's figures in LangChain's form, and an estimate where it gives none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages.ai import InputTokenDetails, UsageMetadata

Tokenizer = Callable[[str], int | Sequence[Any]]
"""Counts the tokens of a text, or gives them."""

_CHARACTERS_A_TOKEN = 4
_FIRST_WIDE = 0x2E80  # from here on (CJK, kana, hangul, emoji) a character is about a token


def count_tokens(text: str, tokenizer: Tokenizer | None) -> int:
    """Tokens of a text by the tokenizer; without one an approximation.

    A token is about four characters of an alphabet, or one of a script that has none.
    """
    if tokenizer is not None:
        counted = tokenizer(text)
        return counted if isinstance(counted, int) else len(counted)
    wide = sum(ord(character) >= _FIRST_WIDE for character in text)
    return wide + math.ceil((len(text) - wide) / _CHARACTERS_A_TOKEN)


def map_usage(usage: dict[str, Any]) -> UsageMetadata:
    """A run's `usage`, in which `prompt_token_details` is singular."""
    read = usage.get("prompt_tokens") or 0
    wrote = usage.get("completion_tokens") or 0
    mapped = UsageMetadata(
        input_tokens=read,
        output_tokens=wrote,
        total_tokens=usage.get("total_tokens") or read + wrote,
    )
    cached = (usage.get("prompt_token_details") or {}).get("cached_tokens")
    if cached is not None:
        mapped["input_token_details"] = InputTokenDetails(cache_read=cached)
    return mapped


def estimate_usage(asked: str, answered: str, tokenizer: Tokenizer | None) -> UsageMetadata:
    """What a turn may have used, from its texts alone."""
    read, wrote = count_tokens(asked, tokenizer), count_tokens(answered, tokenizer)
    return UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
