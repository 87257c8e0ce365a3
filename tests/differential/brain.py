"""A brain that does what questions tell it, and notes what it reads in each call.

A question is a line of steps: `call weather {"city": "Paris"} then say Sunny.` Two calls at once
are `call a {} and b {}`. Each call of the model takes the next step; where none is left, the brain
tells the tools' outputs, or which question this is.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
)
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

JSON = dict[str, Any]
_CALL = re.compile(r"(\w+) (\{.*?\})(?: and |$)")


class FollowingBrain(BaseChatModel):
    """Does what the last question says."""

    _read: list[JSON] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _calls: int = PrivateAttr(default=0)

    @property
    def read(self) -> list[JSON]:
        """What it read in each call."""
        return list(self._read)

    @property
    def _llm_type(self) -> str:
        return "following"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """Its questions say which tools it calls."""
        return self

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._answer(messages)
        for word in re.findall(r"\S+\s*", str(answer.text)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        for index, call in enumerate(answer.tool_calls):
            args = json.dumps(call["args"])
            piece = tool_call_chunk(name=call["name"], args=args, id=call["id"], index=index)
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[piece]))
        yield ChatGenerationChunk(message=AIMessageChunk(content=""))

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        with self._lock:
            self._read.append(as_read(messages))
            self._calls += 1
            number = self._calls
        last = max((i for i, one in enumerate(messages) if _asks(one)), default=-1)
        after = messages[last + 1 :]
        steps = str(messages[last].text).split(" then ") if last >= 0 else []
        step = sum(isinstance(message, AIMessage) for message in after)
        if step < len(steps) and steps[step].startswith("say "):
            return AIMessage(steps[step].removeprefix("say "))
        if step < len(steps) and steps[step].startswith("call "):
            named = _CALL.findall(steps[step].removeprefix("call "))
            return AIMessage(
                "",
                tool_calls=[
                    tool_call(name=name, args=json.loads(args), id=f"call_{number}_{index}")
                    for index, (name, args) in enumerate(named)
                ],
            )
        told = (one for one in after if not isinstance(one, AIMessage | SystemMessage))
        outputs = [str(one.text).split("]\n")[-1] for one in told]
        if outputs:
            return AIMessage(f"The tools said: {'; '.join(outputs)}")
        number = sum(map(_asks, messages))
        return AIMessage(f"Answer {number}.")


def _asks(message: BaseMessage) -> bool:
    """Whether a message is a question; a classic agent reads outputs of others as a user's text."""
    return isinstance(message, HumanMessage) and not str(message.text).startswith("[result of ")


def as_read(messages: Sequence[BaseMessage]) -> JSON:
    """What a model reads: instructions, and then who said what, without ids."""
    system = [str(one.text) for one in messages if isinstance(one, SystemMessage)]
    said = [_said(one) for one in messages if not isinstance(one, SystemMessage)]
    return {"instructions": system, "messages": said}


def _said(message: BaseMessage) -> JSON:
    calls = getattr(message, "tool_calls", [])
    told: JSON = {"role": message.type, "text": str(message.text)}
    if calls:
        told["calls"] = [[call["name"], call["args"]] for call in calls]
    return told
