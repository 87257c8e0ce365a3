"""The brain, given what a turn says about tools and about the form of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from langchain_foundry_agents.emulator.brains.workbench import Workbench
    from langchain_foundry_agents.emulator.records import JsonObject, Run

_CHOICES = {"auto": None, "required": "any"}


@dataclass(frozen=True, slots=True)
class Kit:
    """What a brain is bound to for one turn.

    Functions and the response format have the form of chat completions. `forced` is the tool that
    it has to call, or `any`.
    """

    functions: list[JsonObject]
    response_format: JsonObject | None
    bench: Workbench
    forced: str | None = None
    parallel: bool = True


def equipped(brain: BaseChatModel, kit: Kit) -> Runnable[LanguageModelInput, AIMessage]:
    """The brain with a turn's functions, response format and workbench bound to it."""
    model: Runnable[LanguageModelInput, AIMessage] = brain
    if kit.functions:
        options: dict[str, Any] = {} if kit.parallel else {"parallel_tool_calls": False}
        if kit.forced:
            options["tool_choice"] = kit.forced
        model = brain.bind_tools(kit.functions, **options)
    if kit.response_format:
        model = model.bind(response_format=kit.response_format)
    if getattr(brain, "uses_workbench", False):
        model = model.bind(workbench=kit.bench)
    return model


def kit_of_run(run: Run, bench: Workbench) -> Kit:
    """What a run's model call works with."""
    functions = [_function(tool) for tool in run.tools if tool["type"] == "function"]
    asked = run.response_format
    return Kit(
        functions=[] if run.tool_choice == "none" else functions,
        response_format=asked if isinstance(asked, dict) and asked["type"] != "text" else None,
        bench=bench,
        # A forced tool is called once: forced again after its output, the run would never end.
        forced=None if run.steps else _choice(run.tool_choice),
        parallel=run.parallel_tool_calls,
    )


def _function(tool: JsonObject) -> JsonObject:
    function = {name: value for name, value in tool["function"].items() if value is not None}
    return {"type": "function", "function": function}


def _choice(choice: str | JsonObject) -> str | None:
    if isinstance(choice, str):
        return _CHOICES.get(choice)
    function: dict[str, str] = choice.get("function", {})
    return function.get("name")
