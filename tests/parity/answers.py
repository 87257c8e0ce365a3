"""Recorded answers whose requests were not kept: a session that leads to each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langchain_foundry_agents.emulator import CallTools

from .recordings import RECORDINGS, Recorded

ANSWERS = RECORDINGS / "recorded-json-responses.json"


def read_answers() -> list[Recorded]:
    """The session; what it needs beside the recorded answers is made up."""
    told = json.loads(ANSWERS.read_text())
    parts = (_agents, _threads, _plain_run, _tool_run, _steps, _files)
    return [one for part in parts for one in part(told)]


def _asked(send: str, answer: Any, body: Any = None, **more: Any) -> Recorded:
    method, _, path = send.partition(" ")
    return Recorded(method, path, more.pop("query", {}), body, answer=answer, **more)


def _made(path: str, identifier: str, body: Any = None, **more: Any) -> Recorded:
    """A request whose answer was not recorded: only its id is known."""
    return _asked(f"POST {path}", {"id": identifier}, body or {}, made_up=True, **more)


def _agents(told: Any) -> Iterator[Recorded]:
    made, deleted = told["POST /assistants"], told["DELETE /assistants/{id}"]
    yield _asked("POST /assistants", made, _of_agent(made) | {"name": made["name"]})
    yield _made("/assistants", deleted["id"], {"model": "m"})
    yield _asked(f"DELETE /assistants/{deleted['id']}", deleted)


def _threads(told: Any) -> Iterator[Recorded]:
    made, deleted = told["POST /threads"], told["DELETE /threads/{id}"]
    message = told["POST /threads/{t}/messages"]
    picture = told["POST /threads/{t}/messages (image_file)"]
    yield _asked("POST /threads", made, {})
    yield _asked(f"POST /threads/{made['id']}/messages", message, _of_message(message))
    yield _asked(f"GET /threads/{made['id']}/runs", told["GET list, empty page"])
    yield _made("/threads", picture["thread_id"])
    yield _asked(f"POST /threads/{picture['thread_id']}/messages", picture, _of_message(picture))
    yield _made("/threads", deleted["id"])
    yield _asked(f"DELETE /threads/{deleted['id']}", deleted)


def _plain_run(told: Any) -> Iterator[Recorded]:
    run = told["POST /threads/{t}/runs"]
    yield from _before(run)
    body = {"assistant_id": run["assistant_id"]}
    yield _asked(f"POST /threads/{run['thread_id']}/runs", run, body, says="Hello.")


def _tool_run(told: Any) -> Iterator[Recorded]:
    run = told["GET /threads/{t}/runs/{r} requires_action"]
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    said = told["GET /threads/{t}/messages?run_id="]
    path = f"/threads/{run['thread_id']}/runs"
    yield from _before(run)
    called = CallTools((call["function"]["name"], call["function"]["arguments"]))
    yield _made(path, run["id"], {"assistant_id": run["assistant_id"]}, says=called)
    yield _asked(f"GET {path}/{run['id']}", run)
    submitted = told["POST /threads/{t}/runs/{r}/submit_tool_outputs"]
    outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "12:30"}]}
    text = said["data"][0]["content"][0]["text"]["value"]
    send = f"POST {path}/{run['id']}/submit_tool_outputs"
    yield _asked(send, submitted, outputs, says=text)
    yield _asked(f"GET {path}/{run['id']}", told["GET /threads/{t}/runs/{r} completed"])
    messages = f"GET /threads/{run['thread_id']}/messages"
    yield _asked(messages, said, query={"run_id": run["id"]})


def _steps(told: Any) -> Iterator[Recorded]:
    listed = told["GET /threads/{t}/runs/{r}/steps"]
    step = listed["data"][0]
    yield from _before(step)
    path = f"/threads/{step['thread_id']}/runs"
    yield _made(path, step["run_id"], {"assistant_id": step["assistant_id"]}, says="Hello.")
    yield _asked(f"GET {path}/{step['run_id']}/steps", listed)


def _files(told: Any) -> Iterator[Recorded]:
    store = told["POST /vector_stores"]
    yield _asked("POST /files", told["POST /files"], "(a form)")
    yield _asked("POST /vector_stores", store, {})
    yield _asked(f"DELETE /vector_stores/{store['id']}", told["DELETE /vector_stores/{v}"])


def _before(run: Any) -> Iterator[Recorded]:
    """The agent and the thread of a run, or of a step."""
    yield _made("/assistants", run["assistant_id"], _of_agent(run))
    yield _made("/threads", run["thread_id"], {"messages": [{"role": "user", "content": "Hi"}]})


def _of_agent(shown: Any) -> Any:
    return {"model": "m"} | {k: shown[k] for k in ("model", "instructions", "tools") if k in shown}


def _of_message(shown: Any) -> Any:
    content = [
        {"type": "text", "text": one["text"]["value"]} if one["type"] == "text" else one
        for one in shown["content"]
    ]
    return {"role": shown["role"], "content": content}
