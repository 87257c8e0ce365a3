"""A violation as text: the promise, the turn that broke it, and how to see it again."""

from __future__ import annotations

from langchain_foundry_agents._flow.effects import Hold, Pause

from .checks import Violation
from .schedule import START

_WIDEST = 300


def report(seed: int, broken: Violation) -> str:
    """What was broken, with the turn's steps."""
    lines = [f"VIOLATION {broken}"]
    if trail := broken.trail:
        lines.append(f"  asked: {[message.text or message.type for message in trail.messages]}")
        lines.append(f"  causes: {sorted(trail.causes)}")
        lines += [
            f"  {when - START:9.3f} {what!r}"[:_WIDEST]
            for when, what in trail.steps
            if not isinstance(what, Hold | Pause)
        ]
    lines.append(f"Repeat it: make simulate SEED={seed} TURNS=1")
    return "\n".join(lines)
