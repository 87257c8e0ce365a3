"""Paced deltas, one a read."""

from __future__ import annotations

import time
from functools import partial

from benchmarks.canned import GENERATIONS, Agent
from benchmarks.clients import methods, ours
from benchmarks.figures import Figure, Section
from benchmarks.floors import Bare, floor_of
from benchmarks.measuring import Way, sync, taken_by

_PACED = """\
A millisecond between two events; processor time of this process, for each delta. After a wait
nothing is in the processor's caches, so LangChain's floor waits as well: it is a model that reads
the same bytes with httpx, throws them away, and makes a chunk for each read. Medians are compared:
how deep a core sleeps between two events is another each time, and the least is luck."""


async def paced(bare: Bare, rounds: int, deltas: int) -> Section:
    """Processor time of a chunk where each read brings one."""
    section = Section("Paced deltas, one a read", _PACED)
    for generation, is_new in GENERATIONS.items():
        agent = Agent(str(deltas), "paced", is_new)
        model = ours(bare.url, agent)
        floor = floor_of(model).model_copy(update={"bare": bare, "agent": agent})
        bares: dict[str, Way] = {
            "stream": sync(bare.read, agent),
            "astream": partial(bare.aread, agent),
        }
        for name, read in bares.items():
            mine, base = methods(model)[name], methods(floor)[name]
            ways: dict[str, Way] = {"bare httpx": read, "LangChain's floor": base, "ours": mine}
            taken = await taken_by(ways, rounds, time.process_time)
            ratio = taken["ours"].median / taken["LangChain's floor"].median
            section.figures.append(Figure(f"{generation}, {name}: of the floor", ratio, 1.25))
            section.rows.append(f"\n{generation.capitalize()}, `{name}`:")
            section.add_times(taken, "LangChain's floor", each=deltas, by="median")
    return section
