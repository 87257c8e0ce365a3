"""A soak as text."""

from __future__ import annotations

from .soak import Soaked

_MIB = 1 << 20


def report(soaked: Soaked) -> str:
    """How turns ended, how fast, in how much memory; every violation, with its ids."""
    total = soaked.outcomes.total()
    lines = [f"{count:9,} {name}" for name, count in soaked.outcomes.most_common()]
    lines.append(
        f"{total:9,} turns in {soaked.seconds:,.0f} s, {total / soaked.seconds:,.0f} a second"
    )
    if soaked.held:
        met = ", ".join(f"{name} {count}" for name, count in sorted(soaked.held.met.items()))
        lines.append(f"{soaked.held.met.total():9,} faults met: {met}")
        lines.append(f"{soaked.held.places:9,} threads and conversations, {soaked.held.asked:,} runs and responses")
    for which, name in enumerate(("client", "service")):
        told = " ".join(f"{sample[which] / _MIB:,.0f}" for sample in soaked.memory)
        lines.append(f"{name:>9} memory in MiB, from the beginning to the end: {told}")
    lines += [f"VIOLATION {one}" for one in soaked.violations]
    return "\n".join(lines)
