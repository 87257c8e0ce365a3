"""The classic API: paths and bodies of threads, messages and runs, and what their events tell.

https://<resource>.services.ai.azure.com/api/projects/<project>/threads…?api-version=v1
"""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Open, Send
from langchain_foundry_agents._flow.turn import Ask, Progress
from langchain_foundry_agents.errors import ProtocolError

_MESSAGES_A_CALL = 32
_LONGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class ThreadsApi:
    """One agent of the classic API, with the parameters of a turn's run."""

    agent_id: str
    api_version: str = "v1"
    run_options: JSON = field(default_factory=dict)
    """Fields of the run: model, temperature, response_format, metadata …"""
    thread_options: JSON = field(default_factory=dict)
    """Fields of a thread that the turn creates: metadata, tool_resources."""

    def begin(self, ask: Ask, progress: Progress) -> Flow[None]:
        """Bring the messages to the thread and create the run: one request wherever that can be.

        Only `POST /threads/runs` creates thread and run at once, and it takes no additional
        instructions and no more than 32 messages, as every creating call.
        """
        messages = list(ask.new)
        if ask.thread_id is None and not ask.instructions and len(messages) <= _MESSAGES_A_CALL:
            yield from progress.start(self._create("/threads/runs", self._both(messages), progress))
            return
        if ask.thread_id is None:
            first, messages = messages[:_MESSAGES_A_CALL], messages[_MESSAGES_A_CALL:]
            yield from self._create_thread(first, progress)
        else:
            progress.thread_id = ask.thread_id
        thread = f"/threads/{progress.thread_id}"
        while len(messages) > _MESSAGES_A_CALL:
            yield from progress.request(self._send("POST", f"{thread}/messages", messages.pop(0)))
        body = self._run_body()
        if ask.instructions:
            body["additional_instructions"] = ask.instructions
        if messages:
            body["additional_messages"] = messages
        yield from progress.start(self._create(f"{thread}/runs", body, progress))

    def note(self, events: tuple[Event, ...], progress: Progress) -> None:
        """Keep the newest state of the run; the thread's id stands in every run and message."""
        for name, data in events:
            if name.endswith(".delta"):
                continue
            if data.get("object") == "thread.run":
                progress.run = data
            thread_id = data.get("id") if name == "thread.created" else data.get("thread_id")
            progress.thread_id = progress.thread_id or thread_id

    def look(self, progress: Progress) -> Send:
        """Ask for the run as it is now."""
        return self._send("GET", self._run_path(progress))

    def answer(self, progress: Progress) -> Flow[tuple[Event, ...]]:
        """The run's messages in their order, between the run as it began and as it ended."""
        query = (("run_id", str(progress.run_id)), ("order", "asc"), ("limit", f"{_LONGEST_PAGE}"))
        events: list[Event] = [("thread.run", progress.run)]
        after: tuple[tuple[str, str], ...] = ()
        while True:
            path = f"/threads/{progress.thread_id}/messages"
            page = yield from progress.request(self._send("GET", path, None, query + after))
            try:
                events += [
                    ("thread.message.completed", one)
                    for one in page.get("data") or []
                    if one.get("run_id") == progress.run_id and one.get("role") == "assistant"
                ]
            except (AttributeError, TypeError) as error:
                raise ProtocolError("A page of messages has a form that is not known.") from error
            if not page.get("has_more") or not page.get("last_id"):
                return tuple(events)
            after = (("after", page["last_id"]),)

    def cancel(self, progress: Progress) -> Send:
        """Cancel the run."""
        path = f"{self._run_path(progress)}/cancel"
        return Send("POST", path, None, self._query(), repeatable=True)

    def discard(self, progress: Progress) -> Send:
        """Delete the thread that this turn created."""
        return self._send("DELETE", f"/threads/{progress.thread_id}")

    def _create_thread(self, messages: list[JSON], progress: Progress) -> Flow[None]:
        body = {**self.thread_options, "messages": messages}
        thread = yield from progress.request(self._send("POST", "/threads", body))
        if not isinstance(thread.get("id"), str):
            raise ProtocolError("The service created a thread without an id.")
        progress.thread_id, progress.created_thread = thread["id"], True

    def _both(self, messages: list[JSON]) -> JSON:
        return {**self._run_body(), "thread": {**self.thread_options, "messages": messages}}

    def _run_body(self) -> JSON:
        return {"assistant_id": self.agent_id, **self.run_options}

    def _create(self, path: str, body: JSON, progress: Progress) -> Send | Open:
        body["stream"] = progress.policy.stream
        if progress.policy.stream:
            return Open(path, body, self._query())
        return self._send("POST", path, body)

    def _send(
        self,
        method: str,
        path: str,
        body: JSON | None = None,
        query: tuple[tuple[str, str], ...] = (),
    ) -> Send:
        return Send(method, path, body, self._query() + query)

    def _query(self) -> tuple[tuple[str, str], ...]:
        return (("api-version", self.api_version),)

    def _run_path(self, progress: Progress) -> str:
        return f"/threads/{progress.thread_id}/runs/{progress.run_id}"
