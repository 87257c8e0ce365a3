"""What is to be seen of a message, whatever it is drawn with: its parts, its sources, its ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_foundry_agents._harmless import harmless


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown; a citation stands in it as `mark(number)`."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its content, or with where it is."""

    name: str
    content: bytes | None = None
    media_type: str = ""
    url: str = ""
    remark: str = ""
    """Why there is no content."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What is not the main thing: its title, and texts with a label each."""

    title: str
    texts: tuple[tuple[str, str], ...]
    failed: bool = False

    @property
    def glimpse(self) -> str:
        """What it holds, in one line."""
        return " → ".join(" ".join(text.split()) for label, text in self.texts if label != "id")


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer cites, under its number."""

    number: int
    title: str
    url: str = ""
    file_id: str = ""
    quote: str = ""


@dataclass(slots=True)
class Card:
    """A message."""

    speaker: str
    parts: list[Prose | Picture] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    summary: str = ""
    """How it ended and what it used, in a few words."""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """Ids and figures."""
    plain: bool = False
    """It is the user's own words, or a tool's: no Markdown."""


_OPEN, _CLOSE = "\ue000", "\ue001"
MARK = rf"{_OPEN}([0-9]+){_CLOSE}"
"""A citation's place in prose. No text of a message has these characters."""

_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}


def mark(number: int) -> str:
    """A citation's place in prose."""
    return f"{_OPEN}{number}{_CLOSE}"


def clean(text: object) -> str:
    """Text without characters that steer terminals, turn its direction, or mark citations."""
    return harmless(str(text)).translate(_MARKS)
