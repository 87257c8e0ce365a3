"""What the kernel knows of a process: its memory, and who is connected to it."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")
is_here = (_PROC / "net" / "tcp").exists()
"""Whether this kernel tells of it; Linux does."""

_LISTENING, _OVER = "0A", frozenset({"06", "07"})
_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE


def connections_to(port: int) -> int:
    """Connections to a port of this machine, seen from the ends that called."""
    rows = (line.split() for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:])
    return sum(
        int(row[2].partition(":")[2], 16) == port and row[3] not in {_LISTENING, *_OVER}
        for row in rows
    )
