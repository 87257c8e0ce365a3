"""A service to ask: an endpoint, and who asks."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from pydantic import SecretStr

from langchain_foundry_agents._connection import Connection
from langchain_foundry_agents._drive import perform
from langchain_foundry_agents._parity.case import Case
from langchain_foundry_agents._parity.play import Played, play

PACE = 0.001
"""Seconds between two pieces of an emulator's answers: cases ask what holds meanwhile."""

_LONGEST = 300.0
_QUICKLY = 0.01


class Target(Connection):
    """A service that cases are asked of, with the fields of a connection."""

    model: str
    """The deployment that scratch agents use."""

    look_every: float = 1.0
    """Seconds between two looks at a run."""

    def ask(self, case: Case) -> Played:
        """Ask one case, for five minutes at most; whatever is made for it is deleted."""
        if case.token is not None:
            stranger = self.model_copy(update={"credential": SecretStr(case.token)})
            return stranger.ask(replace(case, token=None))
        values = {"model": self.model, "name": f"probe-{uuid4().hex[:12]}"}
        flow = play(case, values, self.look_every)
        return perform(flow, self._transport(case.headers), _LONGEST)


def emulated(endpoint: str, token: str, model: str) -> Target:
    """An emulator as a target: it is near, and looked at often."""
    return Target(
        project_endpoint=endpoint, credential=SecretStr(token), model=model, look_every=_QUICKLY
    )
