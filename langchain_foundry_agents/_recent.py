"""Answers of the last minutes, for requests that need no newer ones, as an agent's tools do."""

from __future__ import annotations

import hashlib
import threading
import time

from langchain_foundry_agents.errors import Response

Key = tuple[str, ...]


class Recent:
    """Answers by what they answer, the latest ones."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: dict[Key, tuple[float, Response]] = {}
        self._lock = threading.Lock()

    def find(self, key: Key, fresh_for: float) -> Response | None:
        """An answer that is not older than so many seconds."""
        began, response = self._kept.get(key, (0.0, None)) if fresh_for else (0.0, None)
        return response if time.monotonic() - began < fresh_for else None

    def keep(self, key: Key, response: Response, fresh_for: float) -> Response:
        """The answer, which is kept if it is good and may be asked for again.

        A negative time keeps it, too, in the place of an earlier one.
        """
        if fresh_for and response.status_code == 200:
            with self._lock:
                self._kept.pop(key, None)
                self._kept[key] = time.monotonic(), response
                while len(self._kept) > self._most:
                    del self._kept[next(iter(self._kept))]
        return response


def content_key(file: tuple[str, bytes, str] | None) -> Key:
    """What makes two uploads the same."""
    return (file[0], hashlib.sha256(file[1]).hexdigest()) if file else ()


RECENT = Recent()
"""The process's."""
