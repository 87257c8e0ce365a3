"""Stop sequences, which the service does not know: the text is cut here, at the first match."""

from __future__ import annotations

from collections.abc import Sequence


class StopCutter:
    """Passes text on in pieces of any size, and holds back what may become a stop sequence."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def push(self, text: str) -> str:
        """The text that can be handed on now."""
        if not self._stops:
            return text
        if self.stopped:
            return ""
        text = self._held + text
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            # The first to be complete cuts, so that the pieces make no difference.
            self.stopped, self._held = True, ""
            return text[: min(found)[1]]
        keep = max(map(len, self._overlaps(text)), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """What was held back, as no more comes that could complete a stop sequence."""
        held, self._held = self._held, ""
        return held

    def _overlaps(self, text: str) -> list[str]:
        """The beginnings of stop sequences that the text ends with."""
        return [
            stop[:size]
            for stop in self._stops
            for size in range(1, len(stop))
            if text.endswith(stop[:size])
        ]
