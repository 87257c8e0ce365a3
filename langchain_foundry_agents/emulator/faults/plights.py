"""What goes wrong with the work of a run or response: it begins late, fails, is cut short."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from langchain_foundry_agents.emulator.brains.failures import BrainFailure
from langchain_foundry_agents.emulator.brains.untraced import stream_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Plight:
    """What befalls one run or response; nothing, unless said.

    Args:
        queued: seconds that it stays queued.
        expires_in: seconds until it expires; its brain says nothing. Responses do not expire.
        silent: seconds before the brain's first word.
        fails: code and message of the error that it ends with, in place of an answer.
        pieces: how many pieces of its answer it says before it is cut short.
        reason: why it is cut short, in a model's word for it.
    """

    queued: float = 0.0
    expires_in: float | None = None
    silent: float = 0.0
    fails: tuple[str, str] | None = None
    pieces: int | None = None
    reason: str = "length"

    def burden(
        self, brain: BaseChatModel, pause: Callable[[float], Awaitable[None]]
    ) -> BaseChatModel:
        """The brain as this plight lets it work.

        Args:
            brain: the model that answers.
            pause: waits so many seconds.
        """
        if not self.silent and self.fails is None and self.pieces is None:
            return brain
        return cast("BaseChatModel", _Burdened(brain, self, pause))


UNTROUBLED = Plight()


class _Burdened:
    """As much of a model as the emulator uses."""

    def __init__(
        self, brain: Any, plight: Plight, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        self._brain = brain
        self._plight = plight
        self._pause = pause
        self.uses_workbench = getattr(brain, "uses_workbench", False)

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> _Burdened:
        return _Burdened(self._brain.bind_tools(tools, **options), self._plight, self._pause)

    def bind(self, **options: Any) -> _Burdened:
        return _Burdened(self._brain.bind(**options), self._plight, self._pause)

    async def astream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[AIMessage]:
        await self._pause(self._plight.silent)
        if self._plight.fails:
            raise BrainFailure(*self._plight.fails)
        async with aclosing(stream_of(self._brain, messages)) as chunks:
            left = self._plight.pieces
            async for chunk in chunks:
                if left is None:
                    yield chunk
                elif left > 0:
                    left -= 1
                    # Without what is said of its end, which is not reached.
                    yield AIMessageChunk(content=chunk.content)
                else:
                    break
        if left is not None:
            ended = {"finish_reason": self._plight.reason}
            yield AIMessageChunk(content="", response_metadata=ended)
