"""The code of Markdown pages, run as a reader would run it: block after block, on the emulator."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
NEEDS = "Needs "
"""How the titles of the few blocks begin that are read, and not run."""
OUTPUT = "Output"
"""The title of a block that shows what the block before it prints."""

_FENCE = re.compile(
    r'^(?P<indent> *)```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n'
    r"(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page, with the line that it begins in."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str

    @property
    def runs(self) -> bool:
        """Whether it is Python that a reader can run as it is."""
        return self.language == "python" and not self.needs

    @property
    def needs(self) -> bool:
        """Whether it needs what a test has not: Azure, say."""
        return (self.title or "").startswith(NEEDS)

    @property
    def is_test(self) -> bool:
        """Whether pytest runs it."""
        return re.search(r"^(?:async )?def test_", self.text, re.MULTILINE) is not None

    def run(self, namespace: dict[str, Any]) -> None:
        """Run it as a cell of a notebook: `await` may stand outside of functions."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile("\n" * self.line + self.text, str(self.page), "exec", flags)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, namespace))
        else:
            exec(code, namespace)


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start()) + 1,
            found["language"],
            found["title"],
            dedent(found["text"]),
        )
        for found in _FENCE.finditer(text)
    ]


def titled(page: str, title: str) -> str:
    """The text of the one block of a page of docs/ that has this title."""
    (found,) = (one for one in blocks(DOCS / page) if one.title == title)
    return found.text
