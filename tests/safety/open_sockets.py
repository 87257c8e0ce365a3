"""Connections of this process that are open, by what the kernel says."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

_OPEN_FILES = Path("/proc/self/fd")

needs_proc = pytest.mark.skipif(not _OPEN_FILES.exists(), reason="Linux tells what is open")


def connections_to(url: str) -> int:
    """Connections that are open to a service, seen from the client's end."""
    port = urlsplit(url).port
    return sum(_peer(int(path.name)) == port for path in _OPEN_FILES.iterdir() if _is_socket(path))


def _is_socket(path: Path) -> bool:
    try:
        return path.readlink().name.startswith("socket:")
    except OSError:
        # It was closed meanwhile.
        return False


def _peer(number: int) -> int | None:
    """The port at the other end, if it is a connection."""
    try:
        copy = socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return None
    with copy:
        try:
            return int(copy.getpeername()[1])
        except (IndexError, OSError):
            # It is a Unix socket, or has no other end.
            return None
