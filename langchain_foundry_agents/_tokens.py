"""How a model counts tokens: by a tokenizer of the user's, else by approximation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from pydantic import ConfigDict, Field

from langchain_foundry_agents._answers.usage import Tokenizer, count_tokens
from langchain_foundry_agents.errors import InvalidFieldError


class Tokens(BaseChatModel):
    """A chat model that counts tokens without a network."""

    # The validator is built with the first model, not with the import.
    model_config = ConfigDict(defer_build=True)

    tokenizer: Tokenizer | None = Field(default=None, exclude=True, repr=False)
    """Counts (or gives) the tokens of a text, for `get_num_tokens*` and for the usage where the
    service reports none. Default: an approximation."""

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text, by the tokenizer or by approximation.

        LangChain's own `custom_get_token_ids` is a tokenizer, too.
        """
        if self.custom_get_token_ids is not None:
            return len(self.custom_get_token_ids(text))
        return count_tokens(text, self.tokenizer)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """Tokens of the messages' texts, by the tokenizer or by approximation.

        Args:
            messages: The messages.
            tools: Not counted: the service writes them into its prompt in a form of its own.
        """
        return sum(self.get_num_tokens(message.text) for message in messages)

    def get_token_ids(self, text: str) -> list[int]:
        """The tokens of a text, from a tokenizer that gives them.

        Raises:
            InvalidFieldError: There is no such tokenizer.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        tokens = self.tokenizer(text) if self.tokenizer else None
        if tokens is None or isinstance(tokens, int):
            raise InvalidFieldError(
                "There is no tokenizer that gives token ids.",
                remedy="Give tokenizer=…, a callable that returns the list of ids.",
            )
        return list(tokens)
