"""Whatever an agent writes, and wherever: shown, it does nothing."""

from __future__ import annotations

import sys
from html.parser import HTMLParser

import pytest
from attacks import ATTACKS, messages

from langchain_foundry_agents.display import render

pytest.importorskip("markdown_it")

EACH = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
TAGS = {
    *("a", "br", "code", "del", "details", "div", "em", "h1", "h2", "hr", "img", "li", "ol", "p"),
    *("pre", "s", "span", "strong", "style", "summary", "sup", "table", "tbody", "td", "th"),
    *("thead", "tr", "ul"),
}
ATTRIBUTES = {"alt", "class", "href", "rel", "src", "style", "target", "title"}


class Elements(HTMLParser):
    """The elements of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    return Elements(html).found


@EACH
def test_there_are_no_elements_and_attributes_but_those_that_show(attack: str) -> None:
    found = elements(render(messages(attack)).html)

    assert {tag for tag, _ in found} <= TAGS
    assert {name for _, attributes in found for name in attributes} <= ATTRIBUTES
    assert [tag for tag, _ in found].count("style") == 1


@EACH
def test_links_lead_to_the_web_or_to_a_mailbox_and_nowhere_else(attack: str) -> None:
    found = elements(render(messages(attack)).html)

    links = [attributes["href"] for _, attributes in found if "href" in attributes]
    assert [url for url in links if not url.startswith(("http://", "https://", "mailto:"))] == []


@EACH
def test_nothing_is_loaded(attack: str) -> None:
    found = elements(render(messages(attack)).html)

    assert [attributes for _, attributes in found if "src" in attributes] == []
    styles = [attributes["style"] for _, attributes in found if "style" in attributes]
    assert set(styles) <= {"text-align:left", "text-align:right", "text-align:center"}


@EACH
def test_no_attack_reaches_the_style(attack: str) -> None:
    style = render(messages(attack)).html.partition("</style>")[0]

    assert style == render(messages("x")).html.partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


@EACH
def test_without_markdown_it_the_text_is_inert_as_well(
    attack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    from langchain_foundry_agents.display import markup

    monkeypatch.setattr(markup, "_reader", markup._reader.__wrapped__)
    found = elements(render(messages(attack)).html)

    assert {tag for tag, _ in found} <= TAGS
    assert {name for _, attributes in found for name in attributes} <= ATTRIBUTES
    assert "pre-wrap" in {attributes.get("style", "")[-8:] for _, attributes in found}


@EACH
def test_no_control_character_reaches_a_terminal(attack: str) -> None:
    text = render(messages(attack)).text

    assert [sign for sign in text if not (sign.isprintable() or sign in "\n\t")] == []


def test_mathjax_which_has_links_of_its_own_is_told_to_leave_it() -> None:
    first = elements(render(messages(ATTACKS["math"])).html)[0]

    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(first[1]["class"].split())
