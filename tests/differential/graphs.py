"""Programs of LangGraph: nodes, subgraphs, branches, interrupts, handoffs, time travel."""

from __future__ import annotations

import asyncio
import operator
from typing import Annotated, Any, TypedDict

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, SystemMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, Send, interrupt
from langgraph_supervisor import create_supervisor
from langgraph_swarm import create_handoff_tool, create_swarm

from .programs import ONE, Program, asked, history, weather
from .worlds import World

PROGRAMS: dict[str, Program] = {}
ROME = 'call weather {"city": "Rome"} then say Sunny.'


def program(function: Program) -> Program:
    """List it."""
    PROGRAMS[function.__name__] = function
    return function


def node_of(model: Any, system: str = "") -> Any:
    """A node that asks the model."""

    def ask(state: Any) -> Any:
        said = [SystemMessage(system)] if system else []
        return {"messages": [model.invoke([*said, *state["messages"]])]}

    return ask


def chat(model: Any) -> Any:
    """A graph that answers."""
    return StateGraph(MessagesState).add_node("answer", node_of(model)).add_edge(START, "answer")


@program
def a_chat(world: World) -> Any:
    return asked(
        chat(world.model()).compile(checkpointer=InMemorySaver()), "One?", "Two?", "Three?"
    )


@program
def a_react_loop(world: World) -> Any:
    model = world.model(weather).bind_tools([weather])
    graph = StateGraph(MessagesState).add_node("agent", node_of(model))
    graph.add_node("tools", ToolNode([weather])).add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition).add_edge("tools", "agent")
    return asked(graph.compile(checkpointer=InMemorySaver()), ROME, "And now?")


@program
def a_subgraph(world: World) -> Any:
    inner = chat(world.model()).compile()
    graph = StateGraph(MessagesState).add_node("inner", inner).add_edge(START, "inner")
    return asked(graph.compile(checkpointer=InMemorySaver()), "One?", "Two?")


class Fan(TypedDict):
    """A fan's state."""

    messages: list[Any]
    answers: Annotated[list[str], operator.add]


@program
def a_fan_over_one_history(world: World) -> Any:
    model = world.model()

    def one(state: Any) -> Any:
        return {"answers": [str(model.invoke(state["messages"]).text)]}

    def spread(state: Fan) -> list[Send]:
        said = [*state["messages"], model.invoke(state["messages"])]
        texts = [f"say {number}" for number in range(4)]
        return [Send("one", {"messages": [*said, HumanMessage(text)]}) for text in texts]

    graph = StateGraph(Fan).add_node("one", one)
    graph.add_conditional_edges(START, spread, ["one"])
    start: Any = {"messages": [HumanMessage("Begin.")], "answers": []}
    return sorted(graph.compile().invoke(start)["answers"])


@program
def two_nodes_in_turn(world: World) -> Any:
    writer, critic = world.model(), world.model()
    graph = StateGraph(MessagesState).add_node("writer", node_of(writer, "You write."))
    graph.add_node("critic", node_of(critic, "You judge.")).add_edge(START, "writer")
    graph.add_edge("writer", "critic")
    return asked(graph.compile(checkpointer=InMemorySaver()), "One?", "Two?")


@program
def an_interrupt_between_call_and_output(world: World) -> Any:
    @tool
    def confirm(what: str) -> str:
        """Ask the user."""
        return str(interrupt(what))

    agent: Any = create_agent(world.model(confirm), tools=[confirm], checkpointer=InMemorySaver())
    agent.invoke({"messages": [("human", 'call confirm {"what": "Buy?"} then say Done.')]}, ONE)
    agent.invoke(Command(resume="Yes."), ONE)
    return asked(agent, "And now?")


@program
def time_travel(world: World) -> Any:
    graph = chat(world.model()).compile(checkpointer=InMemorySaver())
    asked(graph, "One?", "Two?", "Three?")
    kept = [one for one in graph.get_state_history(ONE) if not one.next]
    after_the_first = kept[-1].config
    state: Any = graph.invoke({"messages": [("human", "Another?")]}, after_the_first)
    return history(state["messages"])


@program
def an_edit_of_the_state(world: World) -> Any:
    graph = chat(world.model()).compile(checkpointer=InMemorySaver())
    asked(graph, "My card is 4111.")
    first = graph.get_state(ONE).values["messages"][0]
    graph.update_state(ONE, {"messages": [HumanMessage("My card is [redacted].", id=first.id)]})
    return asked(graph, "My card?")


@program
def messages_removed_from_the_state(world: World) -> Any:
    graph = chat(world.model()).compile(checkpointer=InMemorySaver())
    asked(graph, "One?", "Two?")
    old = graph.get_state(ONE).values["messages"][:2]
    graph.update_state(ONE, {"messages": [RemoveMessage(id=one.id) for one in old]})
    return asked(graph, "Three?")


@program
def a_swarm(world: World) -> Any:
    to_billing = create_handoff_tool(agent_name="billing", description="To billing.")
    to_triage = create_handoff_tool(agent_name="triage", description="To triage.")
    triage = create_agent(
        world.model(to_billing), tools=[to_billing], system_prompt="You are TRIAGE.", name="triage"
    )
    billing = create_agent(
        world.model(to_triage), tools=[to_triage], system_prompt="You are BILLING.", name="billing"
    )
    swarm: Any = create_swarm([triage, billing], default_active_agent="triage")
    agent = swarm.compile(checkpointer=InMemorySaver())
    return asked(agent, "call transfer_to_billing {} then say Paid.", "And now?")


@program
def a_supervisor(world: World) -> Any:
    worker = create_agent(world.model(weather), tools=[weather], name="worker")
    to_worker = create_handoff_tool(agent_name="worker")
    supervisor: Any = create_supervisor([worker], model=world.model(to_worker))
    agent = supervisor.compile(checkpointer=InMemorySaver())
    return asked(agent, "call transfer_to_worker {} then say Worked. then say All done.")


@program
def a_handoff_by_a_command(world: World) -> Any:
    first, second = world.model(), world.model()

    def route(state: Any) -> Command[Any]:
        answer = first.invoke(state["messages"])
        return Command(goto="second", update={"messages": [answer]})

    graph = StateGraph(MessagesState).add_node("route", route, destinations=("second",))
    graph.add_node("second", node_of(second, "You are the second."))
    graph.add_edge(START, "route").add_edge("second", END)
    return asked(graph.compile(checkpointer=InMemorySaver()), "One?", "Two?")


@program
def an_agent_as_a_tool(world: World) -> Any:
    expert: Any = create_agent(world.model(weather), tools=[weather])

    @tool
    def consult(question: str) -> str:
        """Ask the expert."""
        state = expert.invoke({"messages": [("human", question)]})
        return str(state["messages"][-1].text)

    agent = create_agent(world.model(consult), tools=[consult], checkpointer=InMemorySaver())
    return asked(agent, 'call consult {"question": "say It is sunny."} then say So.', "And now?")


@program
def async_nodes(world: World) -> Any:
    model = world.model()

    async def ask(state: Any) -> Any:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("answer", ask).add_edge(START, "answer")
    agent: Any = graph.compile(checkpointer=InMemorySaver())

    async def talk() -> Any:
        state: Any = {}
        for text in ("One?", "Two?"):
            state = await agent.ainvoke({"messages": [("human", text)]}, ONE)
        return history(state["messages"])

    return asyncio.run(talk())


@program
def answers_that_no_model_gave(world: World) -> Any:
    graph = chat(world.model()).compile(checkpointer=InMemorySaver())
    asked(graph, "One?")
    graph.update_state(ONE, {"messages": [HumanMessage("Hm."), AIMessage("From a rule.")]})
    return asked(graph, "Two?")


@program
def two_users_of_one_graph(world: World) -> Any:
    graph = chat(world.model()).compile(checkpointer=InMemorySaver())
    told: list[Any] = []
    for text in ("One?", "Two?"):
        for user in ("ana", "bo"):
            config: Any = {"configurable": {"thread_id": user}}
            state = graph.invoke({"messages": [("human", f"{user}: {text}")]}, config)
            told.append(state["messages"][-1].text)
    return told
