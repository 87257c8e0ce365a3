"""Somebody else, at the same service: cancels runs, deletes threads, leaves runs behind."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from langchain_foundry_agents._flow.effects import JSON, Send

from .brain import OUTSIDER
from .checks import Checks
from .service import PLAIN, SimulatedService


class Outsider:
    """Does harm from time to time.

    Args:
        service: The service.
        chance: The source of all choices.
        checks: Are told of every place that is in trouble.
    """

    def __init__(self, service: SimulatedService, chance: Random, checks: Checks) -> None:
        self._service = service
        self._chance = chance
        self._checks = checks

    def works(self, times: int) -> Iterator[float]:
        """A script: so many acts."""
        for _ in range(times):
            yield self._chance.random() * 30
            self._chance.choice((self._cancel, self._delete, self._orphan))()

    def shared_places(self, storage: str, how_many: int) -> list[str]:
        """New places that clients name themselves."""
        path = "/threads" if storage == "thread" else "/openai/v1/conversations"
        places = [str(self._ask("POST", path, {})["id"]) for _ in range(how_many)]
        self._checks.shared.update(places)
        return places

    def _cancel(self) -> None:
        active = list(self._service.state.active_runs.values())
        if active:
            run = self._chance.choice(active)
            self._checks.tainted.add(run.thread.id)
            self._ask("POST", f"/threads/{run.thread.id}/runs/{run.id}/cancel", {})

    def _delete(self) -> None:
        state = self._service.state
        ours = (id_ for id_, one in state.conversations.items() if not one.owner)
        places = [*state.threads, *ours]
        if places:
            place = self._chance.choice(places)
            self._checks.tainted.add(place)
            kind = "/threads" if place in state.threads else "/openai/v1/conversations"
            self._ask("DELETE", f"{kind}/{place}", None)

    def _orphan(self) -> None:
        state = self._service.state
        if state.threads:
            place = self._chance.choice(list(state.threads))
            self._checks.tainted.add(place)
            how = self._chance.choice(("stuck", "ends"))
            body = {"assistant_id": PLAIN, "metadata": {OUTSIDER: how}}
            run = self._ask("POST", f"/threads/{place}/runs", body)
            self._checks.orphans.add(str(run.get("id")))

    def _ask(self, method: str, path: str, body: JSON | None) -> JSON:
        query = () if path.startswith("/openai") else (("api-version", "v1"),)
        return self._service.ask(Send(method, path, body, query), "").body
