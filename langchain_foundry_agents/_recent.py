"""Answers of the last minutes, for requests that need no newer ones, as an agent's tools do."""

from __future__ import annotations

import hashlib
import time

from langchain_foundry_agents.errors import Response

Key = tuple[str, ...]


class Recent:
    """Answers by what they answer, the latest ones."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: dict[Key, tuple[float, Response]] = {}

    def find(self, key: Key, fresh_for: float) -> Response | None:
        """An answer that is not older than so many seconds."""
        began, response = self._kept.get(key, (0.0, None)) if fresh_for else (0.0, None)
        return response if time.monotonic() - began < fresh_for else None

    def keep(self, key: Key, response: Response, fresh_for: float) -> Response:
        """The answer, which is kept if it is good and may be asked for again."""
        if fresh_for and response.status_code == 200:
            self._kept.pop(key, None)
            self._kept[key] = time.monotonic(), response
            while len(self._kept) > self._most:
                self._kept.pop(next(iter(self._kept)), None)
        return response


def content_key(file: tuple[str, bytes, str] | None) -> Key:
    """What makes two uploads the same."""
    return (file[0], hashlib.sha256(file[1]).hexdigest()) if file else ()


RECENT = Recent()
"""The process's."""
