"""A brain whose answer is told by the history alone: it names all that was said, in order.

A question is `q<user>.<number>`, its answer names the whole branch. So whoever asked knows the
right answer to the letter, and an answer that belongs to another question cannot be taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

_PIECES = 6


class Brain(BaseChatModel):
    """Answers with `right_answer`, in a few pieces."""

    @property
    def _llm_type(self) -> str:
        return "soak"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = AIMessage(right_answer(messages))
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = right_answer(messages)
        size = 1 + len(answer) // _PIECES
        for start in range(0, len(answer), size):
            piece = AIMessageChunk(content=answer[start : start + size])
            yield ChatGenerationChunk(message=piece)


def right_answer(messages: Sequence[BaseMessage]) -> str:
    """The answer to the last question of a history."""
    said = [_token(one) for one in messages if isinstance(one, HumanMessage | AIMessage)]
    return f"re {said[-1]} – gehört: {' '.join(said)} – Grüße für 3 €."


def _token(message: BaseMessage) -> str:
    """A question's own name, or `a` with the name of the question that is answered."""
    words = str(message.text).split(" ")
    return words[0] if isinstance(message, HumanMessage) else f"a{words[1]}"
