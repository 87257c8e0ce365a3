"""What a reader sees: text as it comes, labels, ids and usage; JSON for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import TYPE_CHECKING, Self, TextIO

from langchain_foundry_agents._harmless import one_line

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

_BOLD, _DIM = "1", "2"
_LABEL_WIDTH = 7
_STYLE = re.compile(r"\033\[\d+m")


def say(text: str = "", end: str = "\n") -> None:
    """Write to stdout, at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def note(text: str = "") -> None:
    """Write a line to stderr, at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_json(answer: AIMessageChunk) -> None:
    """An answer as one line of JSON."""
    metadata = answer.response_metadata
    report = {
        "content": answer.content,
        "thread_id": metadata.get("thread_id"),
        "run_id": metadata.get("run_id"),
        "usage": answer.usage_metadata,
        "finish_reason": metadata.get("finish_reason"),
        "metadata": metadata,
    }
    say(json.dumps(report))


def never_fail_to_print() -> None:
    """Questions and answers may hold characters that the terminal's encoding does not."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def label(speaker: str) -> str:
    """Who speaks, as the beginning of a line."""
    return _styled(speaker, _BOLD, sys.stdout) + " " * (_LABEL_WIDTH - len(speaker))


def prompt(speaker: str) -> str:
    """A label for `input`: readline must not count the characters that make it bold."""
    marked = r"\001\g<0>\002" if "readline" in sys.modules else r"\g<0>"
    return _STYLE.sub(marked, label(speaker))


def dim(text: str, stream: TextIO) -> str:
    """A text that is not the main thing."""
    return _styled(text, _DIM, stream)


def _styled(text: str, code: str, stream: TextIO) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return text if plain else f"\033[{code}m{text}\033[0m"


@dataclass(slots=True)
class Tally:
    """Ids, usage and peculiarities of the answers so far."""

    thread_id: str | None = None
    run_id: str | None = None
    answers: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    remarks: list[str] = field(default_factory=list)

    def add(self, answer: AIMessageChunk) -> Self:
        """Take one more answer in."""
        metadata = answer.response_metadata
        self.thread_id, self.run_id = metadata.get("thread_id"), metadata.get("run_id")
        self.answers += 1
        if usage := answer.usage_metadata:
            self.tokens_in += usage["input_tokens"]
            self.tokens_out += usage["output_tokens"]
        if metadata.get("usage_source") == "estimated":
            self._remark("tokens estimated")
        if (reason := metadata.get("finish_reason")) != "stop":
            self._remark(f"cut short: {reason}")
        for block in answer.content_blocks:
            if block["type"] != "text":
                self._remark(f"holds {block['type']}")
        return self

    def line(self) -> str:
        """All of it in one line."""
        parts = [
            f"thread {self.thread_id}",
            f"{self.answers} answers" if self.answers > 1 else f"run {self.run_id}",
            f"{self.tokens_in} tokens in, {self.tokens_out} out",
            *self.remarks,
        ]
        return one_line(" · ".join(parts))

    def _remark(self, remark: str) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)
