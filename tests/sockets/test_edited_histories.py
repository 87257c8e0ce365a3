"""What you pass is what the agent knows: histories that were edited, and turns of other processes.

A model with a thread record of its own stands for another process: it knows nothing of the turns
that the first one made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent, ThreadDivergedError
from langchain_foundry_agents.emulator import CallTools, FoundryEmulator
from langchain_foundry_agents.thread_records import LocalThreadRecord

Edit = Callable[[list[BaseMessage]], list[BaseMessage]]
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
    },
}
OTHER = {**ADD, "function": {**ADD["function"], "name": "other"}}  # type: ignore[dict-item]


class Scene(NamedTuple):
    """An emulator with an agent of one generation."""

    emulator: FoundryEmulator
    generation: Any

    def model(self, name: str = "helper", *tools: Any, **fields: Any) -> ChatFoundryAgent:
        made = self.emulator.create_agent(name=name, generation=self.generation, tools=[*tools])
        which = "agent_id" if self.generation == "classic" else "agent_name"
        return ChatFoundryAgent(
            **{which: made}, project_endpoint=self.emulator.project_endpoint, **fields
        )

    def routes(self, since: int) -> list[str]:
        """What was asked of the service since so many requests."""
        return [f"{one.method} {one.route}" for one in self.emulator.requests[since:]]


@pytest.fixture(params=["classic", "new"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with FoundryEmulator() as emulator:
        yield Scene(emulator, request.param)


def text_of(messages: Sequence[BaseMessage]) -> list[str]:
    return [message.text for message in messages]


def talked(model: ChatFoundryAgent, *questions: str, **call: Any) -> list[BaseMessage]:
    """A history of questions and their answers."""
    history: list[BaseMessage] = []
    for question in questions:
        history.append(HumanMessage(question))
        history.append(model.invoke(history, **call))
    return history


def elsewhere(model: ChatFoundryAgent) -> ChatFoundryAgent:
    """The model as another process has it."""
    return model.model_copy(update={"thread_record": LocalThreadRecord()})


def forked_from(answer: BaseMessage) -> Any:
    return answer.response_metadata.get("forked_from")


EDITS: dict[str, Edit] = {
    "redacted": lambda past: [HumanMessage("[redacted]"), *past[1:]],
    "trimmed": lambda past: past[2:],
    "summarised": lambda past: [HumanMessage("Summary: tea."), *past[3:]],
    "guarded": lambda past: [*past[:3], past[3].model_copy(update={"content": "I cannot tell."})],
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_agent_reads_the_history_as_it_was_edited(scene: Scene, edit: Edit) -> None:
    model = scene.model()
    brain = scene.emulator.script("Noted.", "Fine.", "Last.", "Really the last.")
    past = talked(model, "My card is 4111.", "Thanks.")
    edited = [*edit(past), HumanMessage("And?")]

    answer = model.invoke(edited)

    assert text_of(brain.heard[-1]) == text_of(edited)
    assert forked_from(answer) == past[1].response_metadata["thread_id"]
    before = len(scene.emulator.requests)
    again = model.invoke([*edited, answer, HumanMessage("Then?")])
    assert (forked_from(again), len(scene.emulator.requests) - before) == (None, 1)


@pytest.mark.parametrize("how", ["streamed", "whole"])
def test_a_history_that_nobody_edited_takes_one_request_a_turn(scene: Scene, how: str) -> None:
    model = scene.model()
    history: list[BaseMessage] = []
    before = 0
    for number in range(4):
        history.append(HumanMessage(f"Question {number}"))
        before = len(scene.emulator.requests)
        history.append(
            model.invoke(history) if how == "whole" else sum_of(list(model.stream(history)))
        )

    assert len(scene.emulator.requests) - before == 1
    assert len({one.response_metadata["thread_id"] for one in history[1::2]}) == 1


def sum_of(chunks: list[Any]) -> Any:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return whole


@pytest.mark.parametrize("fields", [{"edited_history": "raise"}, {"on_divergence": "raise"}])
def test_an_edit_can_be_an_error_before_any_request(scene: Scene, fields: dict[str, Any]) -> None:
    model = scene.model()
    past = talked(model, "One", "Two")
    before = len(scene.emulator.requests)

    with pytest.raises(ThreadDivergedError, match="some were removed, trimmed or summarised"):
        model.invoke([*past[2:], HumanMessage("Three")], **fields)

    assert len(scene.emulator.requests) == before


@pytest.mark.parametrize("fields", [{"edited_history": "ignore"}, {"on_divergence": "append"}])
def test_who_trims_to_send_less_goes_on_in_the_same_thread(
    scene: Scene, fields: dict[str, Any]
) -> None:
    model = scene.model()
    brain = scene.emulator.script("A1", "A2", "A3", "A4", "A5")
    past = talked(model, "Q1", "Q2")

    for number in (3, 4):
        past = past[-2:]
        past += [HumanMessage(f"Q{number}")]
        past.append(model.bind(**fields).invoke(past))

    assert text_of(brain.heard[-1]) == ["Q1", "A1", "Q2", "A2", "Q3", "A3", "Q4"]


def test_outputs_that_were_cleared_are_what_the_agent_reads(scene: Scene) -> None:
    model = scene.model("helper", ADD)
    brain = scene.emulator.script(
        CallTools(("add", {"a": 1})), CallTools(("add", {"a": 2})), "Done."
    )
    history: list[BaseMessage] = [HumanMessage("Go")]
    for output in ("a secret", "a result"):
        history.append(model.invoke(history))
        assert isinstance(history[-1], AIMessage)
        history.append(ToolMessage(output, tool_call_id=history[-1].tool_calls[0]["id"] or ""))
    history[2] = history[2].model_copy(update={"content": "[cleared]"})

    model.invoke(history)

    said = "\n".join(text_of(brain.heard[-1]))
    assert ("a secret" in said, "[cleared]" in said, "a result" in said) == (False, True, True)


@pytest.mark.parametrize("digest", [7, "", "9:2:abc", {"a": 1}])
def test_a_digest_that_cannot_be_read_is_a_fork_and_no_error(scene: Scene, digest: Any) -> None:
    model = scene.model()
    question, answer = talked(model, "Hello")
    told = {**answer.response_metadata, "history_digest": digest}

    after = model.invoke([question, answer.model_copy(update={"response_metadata": told}), "And?"])

    assert forked_from(after) == answer.response_metadata["thread_id"]


def test_an_answer_of_an_older_version_is_gone_on_after(scene: Scene) -> None:
    model = scene.model()
    question, answer = talked(model, "Hello")
    told = {k: v for k, v in answer.response_metadata.items() if k != "history_digest"}

    after = model.invoke(
        [
            HumanMessage("Hullo"),
            answer.model_copy(update={"response_metadata": told}),
            HumanMessage("And?"),
        ]
    )

    assert question.text == "Hello"
    assert forked_from(after) is None


def test_a_thread_that_is_named_is_never_left(scene: Scene) -> None:
    model = scene.model()
    past = talked(model, "Hello")
    place = past[1].response_metadata["thread_id"]

    answer = model.invoke([HumanMessage("Hullo"), past[1], HumanMessage("And?")], thread_id=place)
    # What the thread holds of it is what this turn brought.
    after = model.invoke([*past, HumanMessage("And?"), answer, HumanMessage("Then?")])

    assert (forked_from(answer), forked_from(after)) == (None, None)


# Answers that were not heard to their end.


def test_a_question_whose_answer_was_stopped_is_not_lost(scene: Scene) -> None:
    model = scene.model()
    brain = scene.emulator.script("Hello Ana.", "One two three four.", "4711.")
    history = [*talked(model, "I am Ana."), HumanMessage("My number is 4711.")]
    stream: Any = model.stream(history)
    shown = next(stream) + next(stream)
    stream.close()

    model.invoke([*history, shown, HumanMessage("Which?")])

    *heard, last = text_of(brain.heard[-1])
    assert (heard[:3], last) == (["I am Ana.", "Hello Ana.", "My number is 4711."], "Which?")


# Other processes.


def test_a_turn_of_another_process_is_looked_at_once(scene: Scene) -> None:
    model = scene.model()
    history = [*talked(model, "One"), HumanMessage("Two")]
    other = elsewhere(model)
    before = len(scene.emulator.requests)

    history.append(other.invoke(history))
    first, after = scene.routes(before), len(scene.emulator.requests)
    history.append(other.invoke([*history, HumanMessage("Three")]))

    assert [route.split()[0] for route in first] == ["GET", "POST"]
    assert [route.split()[0] for route in scene.routes(after)] == ["POST"]
    assert forked_from(history[-1]) is forked_from(history[-2]) is None


def test_an_older_answer_of_another_process_is_a_branch(scene: Scene) -> None:
    model = scene.model()
    brain = scene.emulator.script("A1", "A2", "A3")
    past = talked(model, "Q1", "Q2")

    answer = elsewhere(model).invoke([*past[:2], HumanMessage("Q3")])

    assert text_of(brain.heard[-1]) == ["Q1", "A1", "Q3"]
    assert forked_from(answer) == past[1].response_metadata["thread_id"]


def test_another_agents_answer_is_no_branch_to_a_process_that_did_not_see_it(scene: Scene) -> None:
    first, second = scene.model("first"), scene.model("second")
    scene.emulator.script("A1", "A2", "A3")
    past = talked(first, "Q1")
    past.append(HumanMessage("Q2"))
    past.append(second.invoke(past))

    answer = elsewhere(first).invoke([*past, HumanMessage("Q3")])

    assert forked_from(answer) is None


def test_what_a_process_asked_before_it_died_is_not_asked_again() -> None:
    with FoundryEmulator() as emulator:
        model = Scene(emulator, "classic").model()
        brain = emulator.script("Hi.", "One pizza.", "Never asked for.")
        history = [*talked(model, "I am Ana."), HumanMessage("Order one pizza.")]
        lost = model.invoke(history)

        answer = elsewhere(model).invoke(history)

    assert (answer.text, answer.response_metadata["run_id"]) == (
        "One pizza.",
        lost.response_metadata["run_id"],
    )
    assert len(brain.heard) == 2
    assert answer.response_metadata["history_digest"] == lost.response_metadata["history_digest"]


@pytest.mark.parametrize(
    ("question", "options"),
    [("Order two pizzas.", {}), ("Order one pizza.", {"additional_instructions": "Be kind."})],
    ids=["another question", "other options"],
)
def test_anything_else_that_was_asked_there_is_a_branch(
    scene: Scene, question: str, options: dict[str, Any]
) -> None:
    model = scene.model()
    scene.emulator.script("Hi.", "One pizza.", "Something else.")
    past = talked(model, "I am Ana.", "Order one pizza.")

    answer = elsewhere(model).invoke([*past[:2], HumanMessage(question)], **options)

    assert answer.text == "Something else."
    assert forked_from(answer) == past[1].response_metadata["thread_id"]
