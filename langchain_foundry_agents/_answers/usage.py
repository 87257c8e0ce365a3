"""Tokens: the service's figures in LangChain's form, and an estimate where it gives none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata

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
    """The `usage` of a run, in which `prompt_token_details` is singular, or of a response."""
    read = usage.get("input_tokens") or usage.get("prompt_tokens") or 0
    wrote = usage.get("output_tokens") or usage.get("completion_tokens") or 0
    mapped = UsageMetadata(
        input_tokens=read,
        output_tokens=wrote,
        total_tokens=usage.get("total_tokens") or read + wrote,
    )
    of_input = usage.get("input_tokens_details") or usage.get("prompt_token_details") or {}
    details = InputTokenDetails()
    if (cached := of_input.get("cached_tokens")) is not None:
        details["cache_read"] = cached
    if (written := of_input.get("cache_write_tokens")) is not None:
        details["cache_creation"] = written
    if details:
        mapped["input_token_details"] = details
    of_output = usage.get("output_tokens_details") or {}
    if (reasoning := of_output.get("reasoning_tokens")) is not None:
        mapped["output_token_details"] = OutputTokenDetails(reasoning=reasoning)
    return mapped


def estimate_usage(asked: str, answered: str, tokenizer: Tokenizer | None) -> UsageMetadata:
    """What a turn may have used, from its texts alone."""
    read, wrote = count_tokens(asked, tokenizer), count_tokens(answered, tokenizer)
    return UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
