"""Cards → lines for terminals: with rich where it is installed, else plain."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import NamedTuple

from langchain_foundry_agents.display.cards import MARK, Card, Fold, Picture, Source

_WIDTH = 100
_IDS = ("thread_id", "run_id")


class Line(NamedTuple):
    """A line, or several; Markdown, or text in a style of rich's."""

    text: str
    style: str = ""
    is_markdown: bool = False


def to_text(cards: Iterable[Card]) -> str:
    """Messages as plain text."""
    return "\n".join(line.text for line in _lines(cards)).strip("\n")


def say(cards: Iterable[Card]) -> None:
    """Write messages to stdout."""
    lines = [*_lines(cards)]
    if find_spec("rich") is None or not sys.stdout.isatty():
        sys.stdout.write("\n".join(line.text for line in lines).strip("\n") + "\n")
        return
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        # Links as text: what is to be opened is to be seen.
        shown = Markdown(line.text, hyperlinks=False) if line.is_markdown else None
        console.print(shown or Text(line.text, style=line.style))


def _lines(cards: Iterable[Card]) -> Iterator[Line]:
    known: set[str] = set()
    for card in cards:
        yield Line(card.speaker, "bold")
        for part in card.parts:
            if isinstance(part, Picture):
                yield Line(_picture(part), "dim")
            else:
                yield Line(re.sub(MARK, r"[\1]", part.markdown), is_markdown=not card.plain)
        yield from (Line(_source(source), "dim") for source in card.sources)
        yield from (Line(_fold(fold), "red" if fold.failed else "dim") for fold in card.folds)
        if told := _told(card, known):
            yield Line(told, "dim")
        yield Line("")


def _picture(picture: Picture) -> str:
    if picture.content is not None:
        return f"🖼 {picture.name} ({picture.media_type}, {len(picture.content):,} bytes)"
    return f"🖼 {picture.name} {picture.url or picture.remark}"


def _source(source: Source) -> str:
    names = dict.fromkeys([source.title, source.url, source.file_id])
    return f"[{source.number}] {' '.join(filter(None, names))}"


def _fold(fold: Fold) -> str:
    line = f"⚙ {fold.title}{': failed' if fold.failed else ''}  {fold.glimpse}".strip()
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _told(card: Card, known: set[str]) -> str:
    """The ids that no message before told, and how it ended."""
    ids = dict(card.facts)
    new = [name for name in _IDS if name in ids and ids[name] not in known]
    known.update(ids[name] for name in new)
    told = (f"{name.removesuffix('_id')} {ids[name]}" for name in new)
    return " · ".join(filter(None, [*told, card.summary]))
