"""Messages that are put into a thread or a conversation, without a run; it is made if need be."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_foundry_agents._flow.effects import JSON, Flow, Send
from langchain_foundry_agents._flow.files import Query
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError

_MESSAGES_A_THREAD = 32
_ITEMS_A_CALL = 20


def add_to_thread(
    path: str, thread_id: str | None, messages: Sequence[JSON], query: Query, patience: Patience
) -> Flow[str]:
    """Put messages into a thread, one by one, in order; the thread's id."""
    left = list(messages)
    if thread_id is None:
        first, left = left[:_MESSAGES_A_THREAD], left[_MESSAGES_A_THREAD:]
        thread_id = yield from _make(path, {"messages": first}, query, patience)
    for message in left:
        posting = Send("POST", f"{path}/{thread_id}/messages", message, query)
        yield from _post(posting, thread_id, patience)
    return thread_id


def add_to_conversation(
    path: str, thread_id: str | None, items: Sequence[JSON], query: Query, patience: Patience
) -> Flow[str]:
    """Put items into a conversation, as many at once as it takes; the conversation's id."""
    left = list(items)
    if thread_id is None:
        first, left = left[:_ITEMS_A_CALL], left[_ITEMS_A_CALL:]
        thread_id = yield from _make(path, {"items": first}, query, patience)
    while left:
        some, left = left[:_ITEMS_A_CALL], left[_ITEMS_A_CALL:]
        posting = Send("POST", f"{path}/{thread_id}/items", {"items": some}, query)
        yield from _post(posting, thread_id, patience)
    return thread_id


def _make(path: str, body: JSON, query: Query, patience: Patience) -> Flow[str]:
    made = read_object((yield from attempt(Send("POST", path, body, query), patience)))
    if not isinstance(made.get("id"), str):
        raise ProtocolError("The service made a thread and gave it no id.")
    return str(made["id"])


def _post(posting: Send, thread_id: str, patience: Patience) -> Flow[None]:
    try:
        yield from attempt(posting, patience)
    except FoundryAgentError as error:
        raise error.about(thread_id=thread_id, run_id=None)  # noqa: B904
