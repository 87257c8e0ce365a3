"""Cards → HTML, for light and dark backgrounds alike, with nothing from outside."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from langchain_foundry_agents.display.cards import Card, Fold, Picture, Prose, Source
from langchain_foundry_agents.display.markup import Safe, is_link, join, link, tag, to_html

# Greys that show on white and on black; text has the notebook's own colour.
_STYLE = Safe("""
.foundry-messages { max-width: 52rem; line-height: 1.5; overflow-wrap: anywhere; }
.foundry-messages .card { margin: 0 0 1rem; padding: .1rem 0 .1rem .9rem;
  border-left: 3px solid rgba(128, 128, 128, .35); }
.foundry-messages .card.agent { border-left-color: #2f7fd6; }
.foundry-messages .speaker { font-size: .8em; font-weight: 600; opacity: .65; }
.foundry-messages p, .foundry-messages ul, .foundry-messages ol { margin: .3rem 0 .6rem; }
.foundry-messages .plain { white-space: pre-wrap; margin: .3rem 0; }
.foundry-messages a { color: #2f7fd6; }
.foundry-messages sup { line-height: 0; }
.foundry-messages sup a, .foundry-messages sup span { text-decoration: none; padding: 0 .1em; }
.foundry-messages code { font-size: .9em; padding: .1em .3em; border-radius: 3px;
  background: rgba(128, 128, 128, .15); color: inherit; }
.foundry-messages pre { margin: .3rem 0 .6rem; padding: .5rem .7rem; border-radius: 4px;
  background: rgba(128, 128, 128, .12); color: inherit; font-size: .85em; max-height: 24rem;
  overflow: auto; white-space: pre-wrap; }
.foundry-messages pre code { padding: 0; background: none; font-size: inherit; }
.foundry-messages table { border-collapse: collapse; margin: .3rem 0 .6rem; font-size: inherit; }
.foundry-messages th, .foundry-messages td { border: 1px solid rgba(128, 128, 128, .35);
  padding: .2rem .6rem; text-align: left; background: none; }
.foundry-messages img { display: block; max-width: 100%; margin: .4rem 0; border-radius: 4px; }
.foundry-messages .sources { margin: .4rem 0 .6rem; padding: 0; list-style: none;
  font-size: .9em; }
.foundry-messages .quote { opacity: .7; font-style: italic; }
.foundry-messages details { margin: .15rem 0; font-size: .85em; }
.foundry-messages summary { cursor: pointer; opacity: .75; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.foundry-messages .glimpse { opacity: .6; font-family: monospace; }
.foundry-messages details[open] > summary .glimpse { display: none; }
.foundry-messages details > div { margin: .3rem 0 .5rem 1rem; }
.foundry-messages .label { font-size: .9em; opacity: .6; }
.foundry-messages .failed { color: #d1383d; opacity: 1; }
.foundry-messages .missing { opacity: .7; font-style: italic; }
""")
_QUOTED, _GLIMPSE = 200, 100


def to_page(cards: Iterable[Card]) -> str:
    """Messages as one piece of HTML. MathJax, which has links of its own, is told to leave it."""
    about = "foundry-messages tex2jax_ignore mathjax_ignore"
    return tag("div", tag("style", _STYLE), *map(_card, cards), class_=about)


def _card(card: Card) -> Safe:
    inside = [tag("div", card.speaker, class_="speaker")]
    inside += [_part(part, card) for part in card.parts]
    if card.sources:
        inside.append(tag("ol", *map(_source, card.sources), class_="sources"))
    inside += map(_fold, card.folds)
    if card.facts:
        rows = [
            tag("tr", tag("td", name), tag("td", tag("code", value))) for name, value in card.facts
        ]
        inside.append(_details(card.summary or "ids", tag("table", *rows)))
    return tag("div", *inside, class_="card" if card.plain else "card agent")


def _part(part: Prose | Picture, card: Card) -> Safe:
    if isinstance(part, Picture):
        return _picture(part)
    if card.plain:
        return tag("div", part.markdown, class_="plain")
    return to_html(part.markdown, lambda number: _citation(number, card.sources))


def _citation(number: int, sources: Sequence[Source]) -> Safe:
    source = sources[number - 1]
    return tag("sup", link(source.url, f"[{number}]", title=source.title))


def _source(source: Source) -> Safe:
    inside: list[str] = [f"[{source.number}] ", link(source.url, source.title)]
    # A URL that is no link is told all the same.
    beside = source.file_id or ("" if is_link(source.url) else source.url)
    if beside and beside != source.title:
        inside += [" ", tag("code", beside)]
    if source.quote:
        cut = "…" if len(source.quote) > _QUOTED else ""
        inside.append(tag("div", f"“{source.quote[:_QUOTED]}{cut}”", class_="quote"))
    return tag("li", *inside)


def _picture(picture: Picture) -> Safe:
    if picture.content is not None:
        data = base64.b64encode(picture.content).decode()
        return Safe(
            tag(
                "img", src=f"data:{picture.media_type};base64,{data}", alt=picture.name
            ).removesuffix("</img>")
        )
    name = f"🖼 {picture.name}"
    if picture.url:
        return tag("p", link(picture.url, name, title="a picture that is not loaded"))
    return tag("p", f"{name}: {picture.remark}", class_="missing")


def _fold(fold: Fold) -> Safe:
    inside = []
    for label, text in fold.texts:
        if label == "id":
            inside.append(tag("div", "id ", tag("code", text), class_="label"))
            continue
        if label:
            inside.append(tag("div", label, class_="label"))
        inside.append(tag("pre", text))
    failed = tag("span", " failed", class_="failed") if fold.failed else ""
    glimpse = tag("span", f" {fold.glimpse[:_GLIMPSE]}", class_="glimpse")
    return _details(join(fold.title, failed, glimpse), *inside)


def _details(title: str, *inside: Safe) -> Safe:
    return tag("details", tag("summary", title), tag("div", join(*inside)))
