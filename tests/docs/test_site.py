"""The site of `make docs` asks no one for anything; the README's links lead somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pages import README, ROOT

SITE = ROOT / "site"
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]*))?\)")


class Resources(HTMLParser):
    """What a browser fetches for a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("rel") not in ("canonical", "next", "prev"):
            self.found.append(told.get(FETCHED.get(tag, "")) or "")


def test_no_page_asks_another_host_for_anything() -> None:
    pages = list(SITE.rglob("*.html"))
    asked = {name for page in pages for name in Resources(page).found if "//" in name}
    styles = [sheet.read_text(encoding="utf-8") for sheet in SITE.rglob("*.css")]
    by_styles = {url for text in styles for url in re.findall(r"url\(['\"]?(https?:[^)]*)", text)}

    assert len(pages) > 20
    assert asked == set()
    assert by_styles == set()


@pytest.mark.parametrize(("path", "anchor"), LINK.findall(README.read_text(encoding="utf-8")))
def test_a_link_of_the_readme_leads_somewhere(path: str, anchor: str) -> None:
    target = ROOT / path

    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in [heading.lower().replace(" ", "-") for heading in headings]
