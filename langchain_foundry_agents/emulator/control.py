"""The control plane: what tests in any language ask of the emulator itself, below `/_emulator`.

It does what `FoundryEmulator` does in Python. No web page may use it: a page that a developer looks
at can send requests to this machine, but not without saying where it comes from.
"""

from __future__ import annotations

import ipaddress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.brains.script_files import DataError, read_turns
from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.emulator.json_text import read_json
from langchain_foundry_agents.emulator.setup_files import made_agents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_foundry_agents.emulator.emulator import FoundryEmulator
    from langchain_foundry_agents.emulator.exchange import Request
    from langchain_foundry_agents.emulator.faults.fault import Injected

PREFIX = "/_emulator/"


class Control:
    """Answers requests below `/_emulator`.

    Args:
        emulator: the emulator that is controlled.
    """

    def __init__(self, emulator: FoundryEmulator) -> None:
        self._emulator = emulator
        self._operations = {
            ("GET", "health"): self._health,
            ("POST", "reset"): self._reset,
            ("GET", "script"): self._show_script,
            ("POST", "script"): self._script,
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._inject,
            ("DELETE", "faults"): self._withdraw,
            ("GET", "requests"): self._list_requests,
            ("DELETE", "requests"): self._forget_requests,
            ("POST", "agents"): self._create_agents,
        }

    def answer(self, request: Request) -> Answer:
        """Answers; mistakes are 400, what a web page asks is 403."""
        if problem := forbidden(request.headers):
            return _refused(403, problem)
        name = request.path.removeprefix(PREFIX)
        operation = self._operations.get((request.method, name))
        if operation is None:
            known = ", ".join(f"{method} {PREFIX}{one}" for method, one in self._operations)
            return _refused(404, f"There is no {request.method} {request.path}. There are: {known}")
        try:
            return Answer(operation(read_json(request.body) if request.body.strip() else {}))
        except ValueError as error:
            return _refused(400, str(error))

    def _health(self, body: Any) -> dict[str, Any]:
        return {
            "status": "ok",
            "version": version("langchain-foundry-agents"),
            **self._emulator.description,
        }

    def _reset(self, body: Any) -> dict[str, Any]:
        self._emulator.reset()
        return {"status": "ok"}

    def _show_script(self, body: Any) -> dict[str, Any]:
        return {"turns_left": self._emulator.turns_left}

    def _script(self, body: Any) -> dict[str, Any]:
        brain = self._emulator.script(*read_turns(body))
        return {"turns_left": brain.turns_left}

    def _list_faults(self, body: Any) -> dict[str, Any]:
        return {"faults": [_shown_fault(one) for one in self._emulator.faults]}

    def _inject(self, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            raise DataError("A fault has a name, such as rate-limit.", ("name",))
        fields = dict(body)
        if isinstance(fields.get("on"), list):
            fields["on"] = tuple(fields["on"])
        return _shown_fault(self._emulator.inject(**fields))

    def _withdraw(self, body: Any) -> dict[str, Any]:
        self._emulator.withdraw_faults()
        return self._list_faults(body)

    def _list_requests(self, body: Any) -> dict[str, Any]:
        shown = [
            {
                "method": one.method,
                "path": one.path,
                "route": one.route,
                "query": one.query,
                "headers": one.headers,
                "body": one.body,
                "status": one.status,
                "fault": one.fault,
            }
            for one in self._emulator.requests
        ]
        return {"requests": shown}

    def _forget_requests(self, body: Any) -> dict[str, Any]:
        self._emulator.forget_requests()
        return self._list_requests(body)

    def _create_agents(self, body: Any) -> dict[str, Any]:
        return {"agents": made_agents(self._emulator, body)}


def forbidden(headers: Mapping[str, str]) -> str | None:
    """Why a request may come from a web page; None if it does not.

    Browsers send `Origin` or `Sec-Fetch-Site`. A page whose own name was made to lead here (DNS
    rebinding) has that name in `Host`: names of machines in a network of containers have no dots.
    """
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "Web pages may not control the emulator (the request has an Origin)."
    host = headers.get("host", "").rpartition("@")[2]
    name = host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]
    if not name or ("." in name and not _is_address(name) and name != "host.docker.internal"):
        return f"The emulator is not controlled by the name {name!r}: use localhost (Host)."
    return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _shown_fault(injected: Injected) -> dict[str, Any]:
    fault = injected.fault
    return {
        "name": fault.name,
        "on": [*fault.on],
        "times": fault.times,
        "chance": fault.chance,
        "parameters": {**fault.parameters},
        "met": injected.met,
    }


def _refused(status: int, message: str) -> Answer:
    return Answer({"error": {"code": str(status), "message": message}}, status=status)
