"""The default brain: a small deterministic chat model that answers, counts and computes.

Its answers show what reached it: the question, how many questions came before, instructions,
pictures, tools and their results. Nothing is random, nothing is remembered between calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, ClassVar, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.tool import tool_call
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_foundry_agents.emulator.brains.arithmetic import solve
from langchain_foundry_agents.emulator.brains.asked_keys import asked_keys
from langchain_foundry_agents.emulator.brains.imagination import Imagination
from langchain_foundry_agents.emulator.brains.server_skills import asked_servers, used_tools
from langchain_foundry_agents.emulator.brains.streaming import streamed
from langchain_foundry_agents.emulator.brains.tool_choice import chosen_tools
from langchain_foundry_agents.emulator.brains.workbench import Workbench
from langchain_foundry_agents.emulator.records import JsonObject

_MOST_COUNTED = 10_000
_COUNT_TO = re.compile(r"\bcount (?:up )?(?:from 1 )?to (\d+)", re.IGNORECASE)


class EmulatorBrain(BaseChatModel):
    """Answers without a model: what was asked, what was asked before, and what it comes to.

    Attributes:
        uses_workbench: has the run's server tools bound to it.
    """

    uses_workbench: ClassVar[bool] = True

    @property
    def _llm_type(self) -> str:
        return "foundry-emulator"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | Any],
        *,
        tool_choice: str | dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Lets the brain call tools: those that the user names, or the one that is forced."""
        definitions = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=definitions, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=reply(messages, **kwargs))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from map(_generation, streamed(reply(messages, **kwargs)))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in streamed(reply(messages, **kwargs)):
            yield _generation(piece)


def reply(
    messages: Sequence[BaseMessage],
    *,
    tools: Sequence[JsonObject] = (),
    tool_choice: str | JsonObject | None = None,
    parallel_tool_calls: bool = True,
    response_format: JsonObject | None = None,
    workbench: Workbench | None = None,
    **_: Any,
) -> AIMessage:
    """The whole answer to a conversation."""
    results = _latest_results(messages)
    questions = [message for message in messages if isinstance(message, HumanMessage)]
    question = str(questions[-1].text) if questions else ""
    if not results:
        chosen = chosen_tools(tools, question, tool_choice)
        calls = [_call(tool, question, place) for place, tool in enumerate(chosen)]
        if calls:
            return AIMessage("", tool_calls=calls if parallel_tool_calls else calls[:1])
        if workbench and (asked := asked_servers(workbench.mcp, question)):
            return AIMessage(content_blocks=cast("Any", asked))
    if response_format:
        return AIMessage(_structured(response_format, messages, question))
    if results:
        return AIMessage(
            " ".join(f'{one.name or "The tool"} gave: "{one.text}".' for one in results)
        )
    worked = used_tools(workbench, question) if workbench and questions else None
    if worked and not _instructions(messages, question):
        rest = [f" {one}" for one in _surroundings(questions)]
        texts = [{"type": "text", "text": one} for one in rest]
        return AIMessage(content_blocks=cast("Any", [*worked, *texts]))
    return AIMessage(" ".join(_sentences(messages, questions, question)))


def _sentences(
    messages: Sequence[BaseMessage], questions: Sequence[HumanMessage], question: str
) -> Iterator[str]:
    if not questions:
        yield "Nothing was asked yet."
        return
    yield _instructions(messages, question) or _count(question) or _sum(question) or _echo(question)
    yield from _surroundings(questions)


def _surroundings(questions: Sequence[HumanMessage]) -> Iterator[str]:
    if pictures := _pictures(questions[-1]):
        yield f"I see {pictures} picture{'s' if pictures > 1 else ''}."
    if len(questions) > 1:
        earlier = len(questions) - 1
        yield (
            f"Before that you asked {earlier} question{'s' if earlier > 1 else ''}, "
            f'the last was: "{questions[-2].text}".'
        )


def _instructions(messages: Sequence[BaseMessage], question: str) -> str | None:
    if "your instructions" not in question.lower():
        return None
    said = _said_by_system(messages)
    return f'My instructions are: "{said}".' if said else "I have no instructions."


def _said_by_system(messages: Sequence[BaseMessage]) -> str:
    return "\n".join(str(one.text) for one in messages if isinstance(one, SystemMessage))


def _count(question: str) -> str | None:
    if not (found := _COUNT_TO.search(question)):
        return None
    end = min(int(found[1]), _MOST_COUNTED)
    return ", ".join(map(str, range(1, end + 1))) + "."


def _sum(question: str) -> str | None:
    return f"{solved}." if (solved := solve(question)) else None


def _echo(question: str) -> str:
    return f'You said: "{question}".'


def _pictures(message: HumanMessage) -> int:
    blocks = message.content if isinstance(message.content, list) else []
    return sum(isinstance(one, dict) and one["type"] in ("image", "image_url") for one in blocks)


def _latest_results(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    results: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        results.insert(0, message)
    return results


def _call(tool: JsonObject, question: str, place: int) -> Any:
    function = tool["function"]
    # The tool's own name is no material for its arguments: `add_2` does not say 2.
    text = question.replace(function["name"], "")
    found = Imagination(text).fill(function.get("parameters") or {})
    arguments = found if isinstance(found, dict) else {}
    return tool_call(name=function["name"], args=arguments, id=f"call_{place}")


def _structured(response_format: JsonObject, messages: Sequence[BaseMessage], question: str) -> str:
    schema = response_format.get("json_schema", {}).get("schema")
    if schema is None:
        keys = asked_keys(f"{_said_by_system(messages)}\n{question}")
        answer: Any = {key: _echo(question) for key in keys or ["answer"]}
    else:
        answer = Imagination(question).fill(schema)
    return json.dumps(answer, ensure_ascii=False)


def _generation(piece: AIMessageChunk) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=piece)
