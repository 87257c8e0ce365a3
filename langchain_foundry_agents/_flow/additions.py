"""Messages that are put into a thread or a conversation, without a run; it is made if need be."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_foundry_agents._flow.effects import JSON, Flow, Query, Send
from langchain_foundry_agents._flow.progress import Policy, Progress
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError

_ITEMS_A_CALL = 20


def add_to_thread(
    api: ThreadsApi, thread_id: str | None, messages: Sequence[JSON], patience: Patience
) -> Flow[str]:
    """Put messages into a thread, one by one, in order; the thread's id."""
    progress = Progress(Policy(patience=patience), thread_id)
    left = [*messages]
    try:
        if thread_id is None:
            left = yield from api.create_thread(left, progress)
        for message in left:
            yield from api.post_message(message, progress)
    except FoundryAgentError as error:
        raise error.about(thread_id=progress.thread_id, run_id=None)  # noqa: B904
    return str(progress.thread_id)


def add_to_conversation(
    path: str, thread_id: str | None, items: Sequence[JSON], query: Query, patience: Patience
) -> Flow[str]:
    """Put items into a conversation, as many at once as it takes; the conversation's id."""
    left = list(items)
    if thread_id is None:
        first, left = left[:_ITEMS_A_CALL], left[_ITEMS_A_CALL:]
        making = Send("POST", path, {"items": first}, query, repeatable=not first)
        made = read_object((yield from attempt(making, patience)))
        if not isinstance(made.get("id"), str):
            raise ProtocolError("The service made a conversation and gave it no id.")
        thread_id = str(made["id"])
    while left:
        some, left = left[:_ITEMS_A_CALL], left[_ITEMS_A_CALL:]
        posting = Send("POST", f"{path}/{thread_id}/items", {"items": some}, query)
        try:
            yield from attempt(posting, patience)
        except FoundryAgentError as error:
            raise error.about(thread_id=thread_id, run_id=None)  # noqa: B904
    return thread_id
