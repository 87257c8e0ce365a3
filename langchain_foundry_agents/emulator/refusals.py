"""Every way in which the service says no: a status and an error body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject


class Refusal(Exception):  # noqa: N818 - an answer of the service, no error of ours
    """A request that is refused.

    Args:
        status: HTTP status.
        body: the JSON body of the answer.
    """

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        return str(self.body.get("error", self.body)["message"])


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """A 400 in the form of the model API: all four members, null where nothing is known."""
    return _model_refusal(400, message, param, code)


def missing(param: str) -> Refusal:
    """A 400 for a parameter that has to be there."""
    message = f"Missing required parameter: '{param}'."
    return invalid(message, param=param, code="missing_required_parameter")


def not_found(kind: str, identifier: str) -> Refusal:
    """A 404 for an object that is not there (any more)."""
    return _model_refusal(404, f"No {kind} found with id '{identifier}'.", None, None)


def no_such_resource() -> Refusal:
    """A 404 for a path that no endpoint serves."""
    return Refusal(404, {"error": {"code": "404", "message": "Resource not found"}})


def unauthorized() -> Refusal:
    """A 401 in the form of the gateway, which has no `error` member."""
    message = (
        "Unauthorized. Access token is missing, invalid, audience is incorrect "
        "(https://ai.azure.com), or have expired."
    )
    return Refusal(401, {"statusCode": 401, "message": message})


def _model_refusal(status: int, message: str, param: str | None, code: str | None) -> Refusal:
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    return Refusal(status, {"error": error})
