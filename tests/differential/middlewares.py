"""Programs of `create_agent`, with the middleware that LangChain ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    FilesystemFileSearchMiddleware,
    HumanInTheLoopMiddleware,
    LLMToolEmulator,
    LLMToolSelectorMiddleware,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRefusalMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    SummarizationMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    ToolErrorMiddleware,
    ToolRetryMiddleware,
    after_model,
    before_model,
    dynamic_prompt,
    wrap_model_call,
    wrap_tool_call,
)
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.messages import RemoveMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.types import Command

from .programs import ONE, PERSON, Person, Program, asked, fails, history, mail, weather
from .worlds import World

PROGRAMS: dict[str, Program] = {}
ROME = 'call weather {"city": "Rome"} then say Sunny.'


def program(function: Program) -> Program:
    """List it."""
    PROGRAMS[function.__name__] = function
    return function


def agent_of(world: World, *middleware: Any, tools: Any = (weather,), **more: Any) -> Any:
    """An agent with a checkpointer; its definition has what the middleware binds, too."""
    bound = [*tools, *(one for each in middleware for one in getattr(each, "tools", ()))]
    return create_agent(
        more.pop("model", None) or world.model(*bound),
        tools=[*tools],
        middleware=[*middleware],
        checkpointer=InMemorySaver(),
        **more,
    )


@program
def an_agent_with_tools(world: World) -> Any:
    two = 'call weather {"city": "Rome"} and mail {"to": "Ana"} then call mail {"to": "Bo"}'
    return asked(agent_of(world, tools=[weather, mail]), two, "And now?")


@program
def an_agent_with_a_system_prompt(world: World) -> Any:
    return asked(agent_of(world, system_prompt="Be brief."), ROME, "And now?")


@program
def a_dynamic_prompt(world: World) -> Any:
    @dynamic_prompt
    def counted(request: Any) -> str:
        return f"You read {len(request.messages)} messages."

    return asked(agent_of(world, counted), ROME, "And now?")


@program
def an_answer_by_a_tool(world: World) -> Any:
    agent = agent_of(
        world, model=world.model(weather, Person), response_format=ToolStrategy(Person)
    )
    first = agent.invoke({"messages": [("human", f"call Person {PERSON}")]}, ONE)
    return [first["structured_response"], asked(agent, f"call Person {PERSON}")]


@program
def an_answer_of_the_provider(world: World) -> Any:
    agent = agent_of(world, response_format=ProviderStrategy(Person))
    state = agent.invoke({"messages": [("human", f"say {PERSON}")]}, ONE)
    return state["structured_response"]


def decided(world: World, *decisions: Any) -> Any:
    """A question, a person's decision, and a question after it."""
    agent = agent_of(world, HumanInTheLoopMiddleware(interrupt_on={"weather": True}))
    agent.invoke({"messages": [("human", ROME)]}, ONE)
    agent.invoke(Command(resume={"decisions": [*decisions]}), ONE)
    return asked(agent, "And now?")


@program
def a_person_approves(world: World) -> Any:
    return decided(world, {"type": "approve"})


@program
def a_person_rejects(world: World) -> Any:
    return decided(world, {"type": "reject", "message": "Not today."})


@program
def a_person_edits(world: World) -> Any:
    edited = {"name": "weather", "args": {"city": "Oslo"}}
    return decided(world, {"type": "edit", "edited_action": edited})


@program
def a_person_responds(world: World) -> Any:
    return decided(world, {"type": "respond", "message": "It rains."})


@program
def a_summary(world: World) -> Any:
    model = world.model()
    aside = world.model()
    middleware = SummarizationMiddleware(aside, trigger=("messages", 5), keep=("messages", 2))
    agent = agent_of(world, middleware, model=model, tools=())
    return [one.text for one in asked(agent, "One?", "Two?", "Three?", "Four?")]


@program
def a_summary_by_a_fraction(world: World) -> Any:
    middleware = SummarizationMiddleware(
        world.model(), trigger=("fraction", 0.0001), keep=("messages", 2)
    )
    agent = agent_of(world, middleware, model=world.model(), tools=())
    return [one.text for one in asked(agent, "One? " * 20, "Two?", "Three?")]


@program
def personal_data_in_questions(world: World) -> Any:
    return asked(agent_of(world, PIIMiddleware("email", strategy="redact")), "I am a@b.de.", "So?")


@program
def personal_data_in_answers(world: World) -> Any:
    middleware = PIIMiddleware("email", strategy="redact", apply_to_output=True)
    return asked(agent_of(world, middleware), "say It is a@b.de.", "What is it?")


@program
def cleared_outputs_of_tools(world: World) -> Any:
    edit = ClearToolUsesEdit(trigger=1, keep=1)
    agent = agent_of(world, ContextEditingMiddleware(edits=[edit]))
    return asked(agent, ROME, ROME, "And now?")


@program
def limits_of_model_calls(world: World) -> Any:
    return asked(agent_of(world, ModelCallLimitMiddleware(run_limit=1)), ROME, "And now?")


@program
def limits_of_tool_calls(world: World) -> Any:
    middleware = ToolCallLimitMiddleware(run_limit=1)
    return asked(agent_of(world, middleware), f'call weather {{"city": "Oslo"}} then {ROME}', "So?")


@program
def a_fallback_of_models(world: World) -> Any:
    broken = world.model(weather, broken=True)
    middleware = ModelFallbackMiddleware(world.model(weather))
    return asked(agent_of(world, middleware, model=broken), ROME, "And now?")


@program
def retries_of_models(world: World) -> Any:
    middleware = ModelRetryMiddleware(max_retries=1, initial_delay=0.0, jitter=False)
    return asked(agent_of(world, middleware), ROME, "And now?")


@program
def retries_of_tools(world: World) -> Any:
    middleware = ToolRetryMiddleware(
        max_retries=1, initial_delay=0.0, jitter=False, on_failure="continue"
    )
    agent = agent_of(world, middleware, tools=[fails])
    return asked(agent, 'call fails {"why": "x"} then say Well.', "And now?")


@program
def errors_of_tools(world: World) -> Any:
    middleware = ToolErrorMiddleware(lambda error, request: type(error).__name__)
    agent = agent_of(world, middleware, tools=[fails])
    return asked(agent, 'call fails {"why": "x"} then say Well.', "And now?")


@program
def refusals(world: World) -> Any:
    return asked(agent_of(world, ModelRefusalMiddleware()), ROME, "And now?")


@program
def a_search_for_files(world: World) -> Any:
    middleware = FilesystemFileSearchMiddleware(root_path=str(Path(__file__).parent))
    glob = 'call glob_search {"pattern": "brain.py"} then say Found.'
    return asked(agent_of(world, middleware), glob)


@program
def todo_lists(world: World) -> Any:
    todos = '{"todos": [{"content": "Cook", "status": "pending"}]}'
    return asked(agent_of(world, TodoListMiddleware()), f"call write_todos {todos}", "And now?")


@program
def emulated_tools(world: World) -> Any:
    middleware = LLMToolEmulator(model=world.model())
    return asked(agent_of(world, middleware), ROME, "And now?")


@program
def selected_tools(world: World) -> Any:
    middleware = LLMToolSelectorMiddleware(model=world.model())
    agent = agent_of(world, middleware, tools=[weather, mail])
    return asked(agent, 'say {"tools": ["weather"]}')


@program
def a_guard_after_the_model(world: World) -> Any:
    @after_model
    def guard(state: Any, runtime: Any) -> Any:
        last = state["messages"][-1]
        safe = last.model_copy(update={"content": str(last.text).replace("4111", "[redacted]")})
        return {"messages": [safe]}

    return asked(agent_of(world, guard), "say It is 4111.", "What is it?")


@program
def removed_messages(world: World) -> Any:
    @before_model
    def forget(state: Any, runtime: Any) -> Any:
        messages = state["messages"]
        if len(messages) < 5:
            return None
        return {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), *messages[-1:]]}

    return asked(agent_of(world, forget), "One?", "Two?", "Three?", "Four?")


@program
def messages_trimmed_for_one_call(world: World) -> Any:
    @wrap_model_call
    def trimmed(request: Any, handler: Any) -> Any:
        return handler(request.override(messages=request.messages[-1:]))

    return asked(agent_of(world, trimmed, tools=()), "One?", "Two?", "Three?")


@program
def another_model_for_a_while(world: World) -> Any:
    other = world.model(weather)

    @wrap_model_call
    def switched(request: Any, handler: Any) -> Any:
        second = len(request.messages) > 3
        return handler(request.override(model=other) if second else request)

    return asked(agent_of(world, switched), "One?", "Two?", "Three?")


@program
def a_tool_whose_output_is_replaced(world: World) -> Any:
    @wrap_tool_call
    def replaced(request: Any, handler: Any) -> Any:
        return ToolMessage("Rain.", tool_call_id=request.tool_call["id"], name="weather")

    return asked(agent_of(world, replaced), ROME, "And now?")


@program
def tokens_of_an_agent(world: World) -> Any:
    agent = agent_of(world)
    streamed = agent.stream({"messages": [("human", ROME)]}, ONE, stream_mode="messages")
    heard = "".join(str(one.text) for one, told in streamed if told["langgraph_node"] == "model")
    return [heard, history(agent.get_state(ONE).values["messages"])]
