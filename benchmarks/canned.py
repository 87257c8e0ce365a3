"""What the benchmarks' service says: the events and objects of one short, dull answer."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

JSON = dict[str, Any]
RUN_SECONDS = 0.3
"""How long a run of `…run` takes."""
GENERATIONS = {"classic": False, "new": True}
"""The generations of agents, and whether each is the new one."""

_THREAD, _RUN, _MESSAGE, _RESPONSE = "thread_bench", "run_bench", "msg_bench", "resp_bench"
_BEGAN = 1745873038


class Agent(NamedTuple):
    """An agent: how many deltas it answers in, and how they are sent."""

    deltas: str
    framing: str
    is_new: bool = False

    @classmethod
    def asked_by(cls, body: JSON) -> Self | None:
        """The agent that a request asks, if it asks one."""
        if name := body.get("agent_reference", {}).get("name"):
            deltas, framing = name.split("-")
            return cls(deltas, framing, is_new=True)
        if id_ := body.get("assistant_id"):
            _, deltas, framing = id_.split("_")
            return cls(deltas, framing)
        return None

    @property
    def id(self) -> str:
        """Its id, or its name."""
        return (
            f"{self.deltas}-{self.framing}" if self.is_new else f"asst_{self.deltas}_{self.framing}"
        )

    @property
    def words(self) -> list[str]:
        """What it says."""
        return [f" word{place}" for place in range(int(self.deltas))]

    @property
    def seconds(self) -> float:
        """How long its run takes."""
        return RUN_SECONDS if self.framing == "run" else 0.0


def classic_events(agent: Agent) -> list[tuple[str, JSON]]:
    """A run's stream."""
    delta = {"id": _MESSAGE, "object": "thread.message.delta"}
    return [
        *((f"thread.run.{state}", run(agent, state)) for state in ("queued", "in_progress")),
        ("thread.message.created", message(agent, "in_progress", [])),
        *(
            ("thread.message.delta", {**delta, "delta": {"content": [_text(word)]}})
            for word in agent.words
        ),
        ("thread.message.completed", message(agent, "completed", [_text("".join(agent.words))])),
        ("thread.run.completed", run(agent, "completed")),
    ]


def new_events(agent: Agent) -> list[tuple[str, JSON]]:
    """A response's stream."""
    place = {"item_id": _MESSAGE, "output_index": 0, "content_index": 0}
    words = "".join(agent.words)
    bare: list[tuple[str, JSON]] = [
        *((state, {"response": response(agent, "in_progress")}) for state in ("created", "queued")),
        ("output_item.added", {"output_index": 0, "item": _item("in_progress", [])}),
        ("content_part.added", {**place, "part": _part("")}),
        *(("output_text.delta", {**place, "delta": word, "logprobs": []}) for word in agent.words),
        ("output_text.done", {**place, "text": words, "logprobs": []}),
        ("content_part.done", {**place, "part": _part(words)}),
        ("output_item.done", {"output_index": 0, "item": _item("completed", [_part(words)])}),
        ("completed", {"response": response(agent, "completed")}),
    ]
    return [
        (f"response.{name}", {"type": f"response.{name}", "sequence_number": number, **data})
        for number, (name, data) in enumerate(bare)
    ]


def run(agent: Agent, status: str, id_: str = _RUN) -> JSON:
    """A classic run."""
    usage = {"prompt_tokens": 14, "completion_tokens": 9, "total_tokens": 23}
    return {
        "id": id_,
        "object": "thread.run",
        "created_at": _BEGAN,
        "thread_id": _THREAD,
        "assistant_id": agent.id,
        "status": status,
        "model": "gpt-4o",
        "instructions": "",
        "tools": [],
        "metadata": {},
        "usage": usage if status == "completed" else None,
    }


def message(agent: Agent, status: str, content: list[Any], run_id: str = _RUN) -> JSON:
    """A thread's message."""
    return {
        "id": _MESSAGE,
        "object": "thread.message",
        "created_at": _BEGAN,
        "thread_id": _THREAD,
        "run_id": run_id,
        "assistant_id": agent.id,
        "role": "assistant",
        "status": status,
        "content": content,
        "attachments": [],
        "metadata": {},
    }


def whole_messages(agent: Agent, run_id: str) -> JSON:
    """The thread's messages: the answer."""
    said = message(agent, "completed", [_text("".join(agent.words))], run_id)
    ids = {"first_id": _MESSAGE, "last_id": _MESSAGE}
    return {"object": "list", "data": [said], "has_more": False, **ids}


def response(agent: Agent, status: str, id_: str = _RESPONSE) -> JSON:
    """A response of the new generation."""
    over = status == "completed"
    usage = {"input_tokens": 14, "output_tokens": 9, "total_tokens": 23}
    return {
        "id": id_,
        "object": "response",
        "created_at": _BEGAN,
        "status": status,
        "model": "gpt-4o",
        "agent_reference": {"type": "agent_reference", "name": agent.id, "version": "1"},
        "conversation": {"id": "conv_bench"},
        "output": [_item("completed", [_part("".join(agent.words))])] if over else [],
        "usage": usage if over else None,
    }


def _text(value: str) -> JSON:
    return {"index": 0, "type": "text", "text": {"value": value, "annotations": []}}


def _part(text: str) -> JSON:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(status: str, content: list[Any]) -> JSON:
    own = {"id": _MESSAGE, "type": "message", "role": "assistant"}
    return {**own, "status": status, "content": content}
