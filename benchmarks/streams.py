"""Many deltas: all at once in two framings, and paced, one a read."""

from __future__ import annotations

import time
from functools import partial
from itertools import product

from benchmarks.canned import GENERATIONS, Agent
from benchmarks.clients import methods, ours, streaming_peers
from benchmarks.figures import Figure, Section
from benchmarks.floors import Bare, floor_of
from benchmarks.measuring import Way, sync, taken_by

_FRAMINGS = {"blocks": "gathered in 64 KiB", "events": "an event in every HTTP chunk"}
_WORDS = """\
httpx hands out one piece for each HTTP chunk, and nothing public tells whether more has come.
So deltas that are sent in one HTTP chunk become one chunk here, and where every event has an HTTP
chunk of its own there is a chunk for each, and LangChain's cost of a chunk with it. "Bare httpx"
throws the bytes away; "bare httpx, parsed" reads the lines and the JSON in them, which no client
can do without."""
_PACED = """\
A millisecond between two events; processor time of this process, for each delta. After a wait
nothing is in the processor's caches, so LangChain's floor waits as well: it is a model that reads
the same bytes with httpx, throws them away, and makes a chunk for each read. Medians are compared:
how deep a core sleeps between two events is another each time, and the least is luck."""


async def burst(bare: Bare, rounds: int, deltas: int) -> Section:
    """Deltas that are all there at once."""
    section = Section(f"A burst of {deltas:,} deltas", _WORDS)
    for (generation, is_new), (framing, how) in product(GENERATIONS.items(), _FRAMINGS.items()):
        meaning = f"{generation}, {how}"
        agent = Agent(str(deltas), framing, is_new)
        model = ours(bare.url, agent)
        floor = floor_of(model)
        ways: dict[str, Way] = {
            "bare httpx, async": partial(bare.aread, agent),
            "bare httpx, parsed": partial(bare.aparse, agent),
            "LangChain's floor, astream": methods(floor)["astream"],
            "ours, astream": methods(model)["astream"],
            "ours, stream": methods(model)["stream"],
            **({} if is_new else streaming_peers(bare.url, agent)),
        }
        taken = await taken_by(ways, rounds)
        ours_best = taken["ours, astream"].best
        for name in "bare httpx, async", "bare httpx, parsed":
            figure = Figure(f"{meaning}: of {name}", ours_best / taken[name].best, 1.5)
            section.figures.append(figure)
        if "litellm" in taken:
            rate = taken["litellm"].best / ours_best
            section.figures.append(Figure(f"{meaning}: litellm's rate", rate, 20, at_least=True))
        section.rows.append(f"\n{meaning[0].upper()}{meaning[1:]}:")
        section.add_times(taken, "bare httpx, async")
    return section


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
