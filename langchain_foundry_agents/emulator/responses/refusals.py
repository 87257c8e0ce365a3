"""How the new generation says no: one envelope for every refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.refusals import Refusal, invalid

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject


def invalid_payload(message: str, param: str | None = None) -> Refusal:
    """A 400 for a body that breaks a rule."""
    return invalid(message, param=param, code="invalid_payload")


def invalid_payloads(problems: list[tuple[str, str]]) -> Refusal:
    """A 400 for a body that breaks several rules: each by its member and what is wrong."""
    refusal = invalid_payload("Invalid payload")
    refusal.body["error"]["details"] = [
        {"code": "ValidationError", "message": message, "param": param, "type": "error"}
        for param, message in problems
    ]
    return refusal


def missing_version() -> Refusal:
    """A 400 for a request without `api-version`, where one is demanded."""
    message = "Missing required query parameter: api-version"
    return invalid(message, param="api-version", code="missing_required_parameter")


def conversation_locked() -> Refusal:
    """A 400 for a conversation in which a response is being made."""
    message = "Another process is currently operating on this conversation. Try again later."
    return invalid(message, param="conversation", code="conversation_locked")


def disabled(name: str) -> Refusal:
    """A 403 for the endpoint of an agent that has been disabled."""
    return _error(403, "agent_disabled", f"Agent '{name}' is disabled.")


def not_found(kind: str, identifier: str) -> Refusal:
    """A 404 for an object that is not there (any more), or is another user's."""
    return _error(404, "not_found", f"{kind} '{identifier}' not found.")


def no_such_path() -> Refusal:
    """A 404 for a path that no endpoint serves."""
    return _error(404, "not_found", "Resource not found.")


def conflict(message: str) -> Refusal:
    """A 409."""
    return _error(409, "conflict", message)


def enveloped(refusal: Refusal, request_id: str) -> JsonObject:
    """The body of a refusal: what was said, and of which request.

    Args:
        refusal: one of this room, or of another that these surfaces share.
        request_id: the id of the request.
    """
    error: JsonObject = refusal.body["error"]
    message = str(error["message"])
    if error["type"] == "error":
        message = f"{message} [Request ID: {request_id}]"
    more = {"param": error["param"]} if "param" in error else {}
    return {
        "error": {
            "code": error["code"],
            "message": message,
            **more,
            "type": error["type"],
            "details": error.get("details", []),
            "additionalInfo": {"request_id": request_id},
        }
    }


def _error(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, {"error": {"code": code, "message": message, "type": "error"}})
