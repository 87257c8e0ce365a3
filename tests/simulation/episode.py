"""One seed, one episode: a service, its clients, somebody else, and what must hold at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from langchain_foundry_agents._budget import Budget
from langchain_foundry_agents.thread_records import LocalThreadRecord

from .checks import Checks, Violation
from .clients import Client
from .faults import RATES, Faults
from .models import choose_model
from .outsiders import Outsider
from .schedule import Schedule
from .service import SimulatedService
from .world import Scene

TURNS_A_CLIENT = 8
CLIENTS = 125


@dataclass(slots=True)
class Told:
    """What an episode came to."""

    turns: int = 0
    results: Counter[str] = field(default_factory=Counter)
    now: float = 0.0


def play(seed: int, clients: int = CLIENTS) -> Told:
    """Play the episode of a seed.

    Raises:
        Violation: A promise is broken.
    """
    # Nothing secret is made of it.
    chance = Random(seed)
    schedule, checks = Schedule(), Checks()
    faults = Faults(chance, chance.choice(RATES))
    service = SimulatedService(schedule, chance, faults, checks)
    record = LocalThreadRecord()
    budget = Budget(clock=lambda: schedule.now)
    scene = Scene(schedule, service, record, budget, faults, chance)
    outsider = Outsider(service, chance, checks)
    shared = {kind: outsider.shared_places(kind, 3) for kind in ("thread", "conversation")}
    crowd = []
    for number in range(clients):
        model = choose_model(chance)
        places = shared.get(model.storage, []) if number % 5 == 0 else []
        turns = chance.randrange(1, 2 * TURNS_A_CLIENT)
        crowd.append(Client(number, model, turns, scene, checks, places))
        crowd[-1].start()
    if faults.rate:
        schedule.play(outsider.works(20))
    schedule.run()
    _check_the_end(service, record, checks)
    results: Counter[str] = Counter()
    for client in crowd:
        results.update(client.results)
    return Told(results.total(), results, schedule.now)


def _check_the_end(service: SimulatedService, record: LocalThreadRecord, checks: Checks) -> None:
    if record._locked:
        raise Violation(f"Locks are left: {sorted(record._locked)}")
    state = service.state
    runs = [(run.id, run.status) for run in state.active_runs.values()]
    runs += [(one.id, one.status) for one in state.responses.values() if not one.over]
    for id_, status in runs:
        if id_ not in checks.waiting | checks.orphans:
            raise Violation(f"{id_} is left {status} at the end.")
    for thread in state.threads.values():
        checks.thread(thread)
