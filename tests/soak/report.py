"""A soak as text."""

from __future__ import annotations

from .soak import Soaked

_MIB = 1 << 20


def report(soaked: Soaked) -> str:
    """How turns ended, how fast, in how much memory; every violation, with its ids."""
    turns, held = soaked.outcomes.total(), soaked.held
    lines = [f"{count:11,} {name}" for name, count in soaked.outcomes.most_common()]
    lines += [
        f"{turns:11,} turns in {soaked.seconds:,.0f} s: {turns / soaked.seconds:,.0f} a second",
        f"{held.runs:11,} runs and responses in {held.places:,} threads and conversations",
        f"{held.met.total():11,} faults met: {_listed(held.met)}",
    ]
    for which, name in enumerate(("client", "service")):
        told = " ".join(f"{sample[which] / _MIB:.0f}" for sample in soaked.memory)
        lines.append(f"{told} MiB in the {name}, from the beginning to the end")
    lines.append(f"{soaked.blocks_kept:11,} blocks of memory more than before, without histories")
    lines += [f"VIOLATION {one}" for one in soaked.violations]
    lines.append(f"{len(soaked.violations):11,} promises broken")
    return "\n".join(lines)


def _listed(met: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(met.items()))
