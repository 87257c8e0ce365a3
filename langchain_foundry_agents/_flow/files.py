"""Files: uploaded and attached for the tools that read them, and downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from langchain_foundry_agents._flow.effects import ANEW, JSON, Fetch, Flow, Query, Send
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import BadRequestError, FoundryAgentError, ProtocolError

READERS = ("code_interpreter", "file_search")
"""Tools that read the files of a message."""

_PURPOSE = "assistants"
_STAY = 3600.0
_REFUSED = {400, 404}


class Asks(Protocol):
    """What performs requests, with retries."""

    def request(self, effect: Send) -> Flow[JSON]:
        """The JSON object of an answer."""


def attach(
    messages: list[JSON], tools: list[JSON], query: Query, asks: Asks, *, anew: bool = False
) -> Flow[list[JSON]]:
    """Upload the messages' files, and attach them for the tools that read files.

    Args:
        messages: Thread messages; a file stands in `attachments` as `{"file_id"}`, or as `{"file"}`
            with name, content and type.
        tools: The tools of the run.
        query: The API's version.
        asks: What performs requests.
        anew: Whether files are uploaded that an earlier turn uploaded already.

    Raises:
        BadRequestError: No tool of the run reads files.
    """
    present = [kind for kind in READERS if any(tool.get("type") == kind for tool in tools)]
    if not present:
        raise BadRequestError(
            "A message brings a file, and the agent has no tool that reads files.",
            remedy="Give the agent (or the call) the tool code_interpreter or file_search.",
        )
    attached = []
    for message in messages:
        attachments = []
        for given in message.get("attachments") or []:
            file_id = given.get("file_id")
            if file_id is None:
                stay = ANEW if anew else _STAY
                file_id = yield from _upload(given["file"], query, asks, stay)
            readers = [{"type": kind} for kind in present]
            attachments.append({"file_id": file_id, "tools": readers})
        attached.append({**message, "attachments": attachments} if attachments else message)
    return attached


def fetch(
    path: str, query: Query, write: Callable[[bytes], object], patience: Patience
) -> Flow[None]:
    """Download the file at a path of the API, piece by piece."""
    yield from attempt(Fetch(f"{path}/content", query, write), patience)


def name_of(path: str, query: Query, patience: Patience) -> Flow[str]:
    """A file's name, or its path in a container."""
    file = read_object((yield from attempt(Send("GET", path, None, query), patience)))
    return str(file.get("filename") or file.get("path") or path)


def names_upload(
    error: FoundryAgentError, messages: Iterable[JSON], attached: Iterable[JSON]
) -> bool:
    """Whether a request was refused for one of the files that were uploaded for these messages."""
    uploaded = (
        file["file_id"]
        for message, sent in zip(messages, attached, strict=True)
        for given, file in zip(
            message.get("attachments") or (), sent.get("attachments") or (), strict=True
        )
        if "file" in given
    )
    return error.status_code in _REFUSED and any(id_ in str(error) for id_ in uploaded)


def _upload(file: tuple[str, bytes, str], query: Query, asks: Asks, fresh_for: float) -> Flow[str]:
    """The id of a file; one with the same content is uploaded once an hour."""
    effect = Send(
        "POST",
        "/files",
        {"purpose": _PURPOSE},
        query,
        repeatable=True,
        fresh_for=fresh_for,
        file=file,
    )
    uploaded = yield from asks.request(effect)
    if not isinstance(uploaded.get("id"), str):
        raise ProtocolError("The service took a file and gave it no id.")
    return str(uploaded["id"])
