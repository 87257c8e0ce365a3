"""What the tests of the new generation say again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..room import BEARER

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.exchange import Answer

    from ..room import Room

PROJECT = "/openai/v1"
CONVERSATIONS = f"{PROJECT}/conversations"


def new_version(room: Room, name: str = "support", **definition: Any) -> Any:
    """Makes a version of a prompt agent."""
    body = {"definition": {"kind": "prompt", "model": "gpt-4.1", **definition}}
    return room.post(f"/agents/{name}/versions", body)


def new_conversation(room: Room, *texts: str) -> str:
    """Makes a conversation of users' messages."""
    return str(room.post(CONVERSATIONS, {"items": [user(text) for text in texts]})["id"])


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": text}


def as_user(name: str) -> dict[str, str]:
    """The headers of a request for that user."""
    return {**BEARER, "x-ms-user-identity": name}


def texts(page: Any) -> list[str]:
    """What the messages of a list say."""
    return [item["content"][0]["text"] for item in page["data"]]


def error_of(answer: Answer) -> tuple[int, str | None, str | None]:
    """Status, code and param of a refusal."""
    error = answer.body["error"]
    return answer.status, error["code"], error.get("param")
