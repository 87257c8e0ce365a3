"""Markdown that nobody vouches for → HTML that does nothing but show it.

markdown-it-py reads it, with HTML off. What it calls a link is one only if it is `http`, `https` or
`mailto`; pictures become links, so that nothing is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.display.cards import MARK

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_OWN_FILE = re.compile(r"sandbox:/", re.IGNORECASE)
_MARK = re.compile(MARK)


class Safe(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *inside: str, **attributes: str) -> Safe:
    """An element. What is not `Safe` is escaped; `class_` is the attribute `class`."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Safe(f"<{name}{given}>{join(*inside)}</{name}>")


def join(*inside: str) -> Safe:
    """Pieces one after the other, escaped unless they are `Safe`."""
    return Safe("".join(one if isinstance(one, Safe) else escape(one) for one in inside))


def is_link(url: str) -> bool:
    """Whether a URL may be one that a click follows."""
    return bool(_LINK.match(url))


def link(url: str, *inside: str, **attributes: str) -> Safe:
    """A link, if that may be one; else what is in it."""
    if not is_link(url):
        return tag("span", *inside, **attributes)
    # `href` comes last: no attribute of the caller's replaces it.
    safe = {**attributes, "target": "_blank", "rel": "noopener noreferrer nofollow", "href": url}
    return tag("a", *inside, **safe)


def to_html(markdown: str, cite: Callable[[int], Safe]) -> Safe:
    """Markdown as HTML; without markdown-it-py the text as it is.

    Args:
        markdown: The text, with marks where it cites.
        cite: The HTML of a citation, by its number.
    """
    try:
        reader = _reader()
    except ImportError:
        return tag("div", *_pieces(markdown, cite), style="white-space: pre-wrap")
    html = str(reader.render(markdown, {"cite": cite}))
    # What stands in code or attributes is no citation's place.
    return Safe(_MARK.sub(r"[\1]", html))


def _pieces(text: str, cite: Callable[[int], Safe]) -> Iterator[str]:
    for place, piece in enumerate(_MARK.split(text)):
        yield cite(int(piece)) if place % 2 else piece


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.validateLink = _is_kept  # type: ignore[method-assign]
    reader.core.ruler.push("citations", _find_citations)
    reader.add_render_rule("citation", _draw_citation)
    reader.add_render_rule("image", _draw_image)
    reader.add_render_rule("link_open", _draw_link)
    return reader


def _is_kept(url: str) -> bool:
    return is_link(url) or bool(_OWN_FILE.match(url))


def _find_citations(state: StateCore) -> None:
    """Cut texts where they cite."""
    from markdown_it.token import Token

    def cut(token: Token) -> Iterator[Token]:
        if token.type != "text" or not _MARK.search(token.content):
            yield token
            return
        for place, piece in enumerate(_MARK.split(token.content)):
            if piece:
                yield Token("citation" if place % 2 else "text", "", 0, content=piece)

    for block in state.tokens:
        if block.children:
            block.children = [piece for token in block.children for piece in cut(token)]


# How markdown-it-py calls what draws a token: itself, all tokens, the place, options, environment.


def _draw_citation(_: Any, tokens: Sequence[Token], place: int, __: Any, env: Any) -> str:
    return str(env["cite"](int(tokens[place].content)))


def _draw_image(_: Any, tokens: Sequence[Token], place: int, __: Any, ___: Any) -> str:
    image = tokens[place]
    url = str(image.attrs.get("src", ""))
    return link(url, f"🖼 {image.content or url}", title="a picture that is not loaded")


def _draw_link(renderer: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    opening = tokens[place]
    if not is_link(str(opening.attrs.get("href", ""))):
        # A file of the agent's own computer.
        opening.attrs = {"title": "download(file_id) fetches it"}
    else:
        opening.attrs |= {"target": "_blank", "rel": "noopener noreferrer nofollow"}
    return str(renderer.renderToken(tokens, place, options, env))
