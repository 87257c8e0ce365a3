"""The brain, given what the run says about tools and about the form of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from langchain_foundry_agents.emulator.records import JsonObject, Run
    from langchain_foundry_agents.emulator.workbench import Workbench

_CHOICES = {"auto": None, "required": "any"}


def equipped(
    brain: BaseChatModel, run: Run, bench: Workbench
) -> Runnable[LanguageModelInput, AIMessage]:
    """The brain with the run's functions, response format and workbench bound to it."""
    model: Runnable[LanguageModelInput, AIMessage] = brain
    functions = [_function(tool) for tool in run.tools if tool["type"] == "function"]
    if functions and run.tool_choice != "none":
        model = brain.bind_tools(functions, **_options(run))
    if isinstance(run.response_format, dict) and run.response_format["type"] != "text":
        model = model.bind(response_format=run.response_format)
    if getattr(brain, "uses_workbench", False):
        model = model.bind(workbench=bench)
    return model


def _function(tool: JsonObject) -> JsonObject:
    function = {name: value for name, value in tool["function"].items() if value is not None}
    return {"type": "function", "function": function}


def _options(run: Run) -> dict[str, Any]:
    options: dict[str, Any] = {} if run.parallel_tool_calls else {"parallel_tool_calls": False}
    # A forced tool is called once: forced again after its output, the run would never end.
    if not run.steps and (choice := _choice(run.tool_choice)):
        options["tool_choice"] = choice
    return options


def _choice(choice: str | JsonObject) -> str | None:
    if isinstance(choice, str):
        return _CHOICES[choice]
    function: dict[str, str] = choice.get("function", {})
    return function.get("name")
