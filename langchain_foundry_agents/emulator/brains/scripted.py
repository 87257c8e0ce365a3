"""`ScriptedBrain`: a chat model that says what it was told to, turn by turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, BaseMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from langchain_foundry_agents.emulator.brains.failures import BrainFailure
from langchain_foundry_agents.emulator.brains.script import Part, messages_of
from langchain_foundry_agents.emulator.brains.streaming import streamed


class ScriptedBrain(BaseChatModel):
    """Gives its turns one after the other, whatever it is asked, and remembers what it heard.

    A run or response that comes when no turn is left fails with the code `script_over`.

    Args:
        turns: what it says: `Reply`, `CallTools`, `Cite`, `RunCode`, `AskApproval`, `Refuse`,
            `CutShort`, `Fail`, `Steps` of these, texts, AIMessages; where responses are made also
            `Think`, `Draw`, `AskConsent`, `ShowItem` and `ShowEvent`.

    Example:
        ```python
        brain = ScriptedBrain([CallTools(("get_weather", {"city": "Paris"})), Reply("Sunny.")])
        with FoundryEmulator(model=brain) as emulator:
            ...
        ```
    """

    _turns: list[Part] = PrivateAttr()
    _heard: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, turns: Sequence[Part], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turns = list(turns)

    @property
    def heard(self) -> list[list[BaseMessage]]:
        """The messages of each turn so far."""
        return list(self._heard)

    @property
    def turns_left(self) -> int:
        """How many turns it has not given yet."""
        return max(0, len(self._turns) - len(self._heard))

    @property
    def _llm_type(self) -> str:
        return "foundry-emulator-script"

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Takes tools, which do not matter to it."""
        return self.bind(tools=list(tools), tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer: BaseMessageChunk = AIMessageChunk(content="")
        for chunk in self._stream(messages):
            answer += chunk.message
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for message in messages_of(self._next(messages)):
            for chunk in streamed(message):
                yield ChatGenerationChunk(message=chunk)
        # A turn without a word is an answer, too.
        yield ChatGenerationChunk(message=AIMessageChunk(content=""))

    def _next(self, messages: list[BaseMessage]) -> Part:
        with self._lock:
            self._heard.append(messages)
            place = len(self._heard) - 1
        if place >= len(self._turns):
            message = f"The script is over: it has {len(self._turns)} turns, this would be another."
            raise BrainFailure("script_over", message)
        return self._turns[place]
